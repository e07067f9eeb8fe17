import { isSameStart } from '../sources/procfs/parse-stat.ts';

/** PCI addresses, in their order. */
export type Addresses = readonly string[];

/** What is remembered of one process. */
interface Opened {
  /** Of the process, seconds since the epoch. */
  readonly start: number | undefined;
  readonly cards: Addresses;
  /** Others that it had open when it was last seen: it may count those by now. */
  readonly next: { readonly cards: Addresses; readonly at: number } | undefined;
  /** All were closed when it was last seen. */
  readonly closed: boolean;
}

/** Servers tell as long of who has ended. */
const FORGET_SECONDS = 900;
/** Beyond so many the oldest are forgotten. */
const MOST = 8192;

/**
 * Remembers which cards a process has opened. TT-Metal numbers the chips once, when it opens them: that one has gone since,
 * or that a list cannot be read now, does not change the numbers of the others; nor that all are closed while the process
 * ends. A card that is open for a moment beside the others is not counted either: whatever is new must be seen twice.
 */
export class OpenedCards {
  #known = new Map<number, readonly Opened[]>();
  readonly #wantedAt = new Map<number, number>();

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** A process that lives, and all that it had open when the reading was made: `at`, in seconds. */
  see(pid: number, start: number | undefined, open: Addresses, at: number): void {
    const before = this.#find(pid, start);
    const now = next(before, start, open, at);
    if (now === undefined || now === before) return;
    const others = (this.#known.get(pid) ?? []).filter((each) => each !== before);
    this.#known.set(pid, [...others, now]);
  }

  /** What a process counts as far as it was ever seen; undefined: it was not. */
  of(pid: number, start: number | undefined): Addresses | undefined {
    return this.#find(pid, start)?.cards;
  }

  /** Forgets all but these, and those who were such a while ago: a server or a card may be gone for a moment. */
  keep(isWanted: (pid: number) => boolean, at: number): void {
    for (const pid of this.#known.keys()) if (isWanted(pid)) this.#wantedAt.set(pid, at);
    const kept = [...this.#known]
      .filter(([pid]) => at - (this.#wantedAt.get(pid) ?? at) <= FORGET_SECONDS)
      .slice(-MOST);
    this.#known = new Map(kept);
    for (const pid of this.#wantedAt.keys()) if (!this.#known.has(pid)) this.#wantedAt.delete(pid);
  }

  #find(pid: number, start: number | undefined): Opened | undefined {
    return this.#known.get(pid)?.find((each) => isSame(each.start, start));
  }
}

function next(before: Opened | undefined, start: number | undefined, open: Addresses, at: number): Opened | undefined {
  const anew = { start, cards: open, next: undefined, closed: false };
  if (open.length === 0) return before === undefined || before.closed ? before : { ...before, closed: true };
  if (before === undefined || before.closed) return anew;
  const isPart = open.every((address) => before.cards.includes(address));
  if (isPart) return before.next === undefined ? before : { ...before, next: undefined };
  if (before.next?.cards.join() !== open.join()) return { ...before, next: { cards: open, at } };
  return before.next.at < at ? anew : before;
}

function isSame(one: number | undefined, other: number | undefined): boolean {
  return one === undefined || other === undefined ? one === other : isSameStart(one, other);
}
