/**
 * Remembers the server's device numbers by which processes have meant several chips, or by which only a part of a chip's
 * processes have reported. What the server has counted under such a number since its start is no chip's.
 */
export class MixedNumbers {
  #serverStart: number | undefined;
  readonly #numbers = new Set<number>();

  /** Numbers of a server that has started then: another one begins anew. */
  add(serverStart: number | undefined, numbers: Iterable<number>): void {
    if (serverStart !== this.#serverStart) this.#numbers.clear();
    this.#serverStart = serverStart;
    for (const number of numbers) this.#numbers.add(number);
  }

  has(number: number): boolean {
    return this.#numbers.has(number);
  }
}
