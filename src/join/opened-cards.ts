/** PCI addresses, in their order. */
export type Addresses = readonly string[];

/**
 * Remembers which cards a process has opened. TT-Metal numbers the chips once, when it opens them: that one has gone since,
 * or was closed, or that a list cannot be read now, does not change the numbers of the others; nor that all are closed while
 * the process ends. A round replaces the memory whole: whom it does not name is forgotten.
 */
export class OpenedCards {
  #known: Known = new Map();

  startRound(): OpenedRound {
    const now = new Map<number, Opened>();
    const round = new OpenedRound(this.#known, now);
    this.#known = now;
    return round;
  }
}

interface Opened {
  /** Of the process, seconds since the epoch. */
  readonly start: number | undefined;
  readonly cards: Addresses;
}

/** By host PID. */
type Known = ReadonlyMap<number, Opened>;

/** Of one snapshot: asked once for each process. */
export class OpenedRound {
  readonly #before: Known;
  readonly #now: Map<number, Opened>;

  constructor(before: Known, now: Map<number, Opened>) {
    this.#before = before;
    this.#now = now;
  }

  /** Of a process that lives. `open`: what it has open now; undefined where that is not known. */
  opened(pid: number, start: number | undefined, open: Addresses | undefined): Addresses | undefined {
    const known = this.#before.get(pid);
    const before = known?.start === start ? known?.cards : undefined;
    const isNew = open !== undefined && !open.every((address) => before?.includes(address) === true);
    const cards = isNew ? open : (before ?? open);
    if (cards !== undefined && cards.length > 0) this.#now.set(pid, { start, cards });
    return cards;
  }

  /** Of a process that was asked for in this round. */
  known(pid: number): Addresses | undefined {
    return this.#now.get(pid)?.cards;
  }

  /** Of the process that had the PID last. */
  hadOpened(pid: number): Addresses | undefined {
    const known = this.#before.get(pid);
    if (known !== undefined) this.#now.set(pid, known);
    return known?.cards;
  }
}
