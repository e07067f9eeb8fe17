/**
 * Lets a limited number of different texts through, and '' for all others: what tenants choose freely must not become any
 * number of values of a label.
 */
export class BoundedTexts {
  readonly #limit: number;
  readonly #known = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(text: string): string {
    if (this.#known.has(text)) return text;
    if (this.#known.size >= this.#limit) return '';
    this.#known.add(text);
    return text;
  }
}

/** Different names of processes in one answer, from each place that they come from. */
export const MAX_PROCESS_NAMES = 1000;
