/**
 * What the simulator has done, as what may be read of it: for each number the values that it had, and from when to when.
 * While something is under way several are right, as a reader may come before or after.
 */
interface Span {
  /** Of performance.now(). */
  readonly from: number;
  to: number;
  /** undefined: there is no such number. */
  readonly range: readonly [low: number, high: number] | undefined;
}

/** While a change goes on: anything from `low` to `high`; `mayBeAbsent`: or nothing at all. */
export interface Change {
  readonly low: number;
  readonly high: number;
  readonly mayBeAbsent: boolean;
}

const ABSENT: Change = { low: 0, high: -1, mayBeAbsent: true };

export class Ledger {
  readonly #spans = new Map<string, Span[]>();
  /** Since when a change of the number is under way. */
  readonly #changing = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** From now on the number changes, until settle(). What it was is right meanwhile too. */
  begin(key: string, { low, high, mayBeAbsent }: Change = ABSENT): void {
    const from = this.#now();
    if (!this.#changing.has(key)) this.#changing.set(key, from);
    const spans = this.#of(key);
    spans.push({ from, to: Infinity, range: [low, high] });
    if (mayBeAbsent) spans.push({ from, to: Infinity, range: undefined });
  }

  /** The number is this now, and since begin() could be. `undefined`: there is none. */
  settle(key: string, value: number | undefined, since = this.#changing.get(key) ?? this.#now()): void {
    const now = this.#now();
    const spans = this.#of(key);
    for (const span of spans) span.to = Math.min(span.to, now);
    spans.push({ from: since, to: Infinity, range: value === undefined ? undefined : [value, value] });
    this.#changing.delete(key);
  }

  /** Whether a reading between the two moments may have found this; `undefined`: nothing. */
  allows(key: string, value: number | undefined, from: number, to: number): boolean {
    const spans = this.#spans.get(key);
    if (spans === undefined) return value === undefined;
    return spans.some((span) => {
      if (span.from > to || span.to < from) return false;
      if (value === undefined || span.range === undefined) return value === undefined && span.range === undefined;
      const slack = 1e-9 * Math.abs(value);
      return value >= span.range[0] - slack && value <= span.range[1] + slack;
    });
  }

  /** The numbers that whoever read between the two moments must have found. */
  due(from: number, to: number): string[] {
    return [...this.#spans.keys()].filter((key) => !this.allows(key, undefined, from, to));
  }

  /** What was right between the two moments, for a message. */
  describe(key: string, from: number, to: number): string {
    const spans = (this.#spans.get(key) ?? []).filter((span) => span.from <= to && span.to >= from);
    return spans.map(({ range }) => (range === undefined ? 'nothing' : range.join(' to '))).join(', or ');
  }

  /** Forgets what was over before that moment. */
  forget(before: number): void {
    for (const [key, spans] of this.#spans) {
      const kept = spans.filter((span) => span.to >= before);
      const gone = kept.every(({ range, to }) => range === undefined && to === Infinity);
      if (gone && !this.#changing.has(key)) this.#spans.delete(key);
      else this.#spans.set(key, kept);
    }
  }

  #of(key: string): Span[] {
    const known = this.#spans.get(key);
    if (known !== undefined) return known;
    // Until now there was no such number.
    const spans: Span[] = [{ from: -Infinity, to: Infinity, range: undefined }];
    this.#spans.set(key, spans);
    return spans;
  }
}
