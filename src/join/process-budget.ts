import { comparePidLabels } from './pid-label.ts';

/** How many times larger than one that is shown a folded process has to be to take its place. */
const TAKES_OVER = 1.25;

/** What was shown, by device: the pids in any order. */
type Shown = Map<string, ReadonlySet<string>>;

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Bounds how many processes a device shows one by one. Remembers who was shown, so that two of about the same size do
 * not take turns: a process stays until it ends, or another is a quarter larger. Answers of different collectors see
 * different processes, so each set of collectors has a memory of its own, which a round replaces whole: what a round
 * does not name is forgotten.
 */
export class ProcessBudget {
  readonly #limit: number;
  readonly #shown = new Map<string, Shown>();

  /** `limit`: processes a device; 0: no limit. */
  constructor(limit: number) {
    this.#limit = limit === 0 ? Infinity : limit;
  }

  /** One answer of these collectors. */
  startRound(collectors: ReadonlySet<string>): BudgetRound {
    const key = [...collectors].sort().join(' ');
    const before = this.#shown.get(key) ?? new Map<string, ReadonlySet<string>>();
    const now: Shown = new Map();
    this.#shown.set(key, now);
    return new BudgetRound(this.#limit, before, now);
  }
}

/** Of one answer: asked once for each device. */
export class BudgetRound {
  readonly #limit: number;
  readonly #before: Shown;
  readonly #now: Shown;

  constructor(limit: number, before: Shown, now: Shown) {
    this.#limit = limit;
    this.#before = before;
    this.#now = now;
  }

  /** What the answer before showed of a device. */
  before(device: string): ReadonlySet<string> {
    return this.#before.get(device) ?? NOBODY;
  }

  /**
   * Which of a device's processes are shown: `always`, which do not count, and up to the limit the largest of the
   * others. Both are asked for only where there are too many; a process that is not in `sizes` has size 0.
   */
  choose(
    device: string,
    pids: ReadonlySet<string>,
    always: () => ReadonlySet<string>,
    sizes: () => ReadonlyMap<string, number>,
  ): ReadonlySet<string> {
    const shown = pids.size <= this.#limit ? pids : this.#bound(device, pids, always, sizes);
    this.#now.set(device, shown);
    return shown;
  }

  #bound(
    device: string,
    pids: ReadonlySet<string>,
    always: () => ReadonlySet<string>,
    sizes: () => ReadonlyMap<string, number>,
  ): ReadonlySet<string> {
    const uncounted = always();
    const counted = [...pids].filter((pid) => !uncounted.has(pid));
    if (counted.length <= this.#limit) return pids;
    const shown = this.#pick(counted, this.before(device), sizes());
    for (const pid of uncounted) shown.add(pid);
    return shown;
  }

  #pick(pids: readonly string[], before: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Set<string> {
    const size = (pid: string): number => sizes.get(pid) ?? 0;
    const sorted = pids.toSorted((a, b) => size(b) - size(a) || comparePidLabels(a, b));
    const kept = sorted.filter((pid) => before.has(pid)).slice(0, this.#limit);
    const shown = new Set(kept);
    const others = sorted.filter((pid) => !shown.has(pid));
    const places = this.#limit - kept.length;
    for (const pid of others.slice(0, places)) shown.add(pid);
    for (const pid of others.slice(places)) {
      const smallest = kept.pop();
      if (smallest === undefined || size(pid) <= TAKES_OVER * size(smallest)) break;
      shown.delete(smallest);
      shown.add(pid);
    }
    return shown;
  }
}
