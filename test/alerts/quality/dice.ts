import { seededRandom } from '../../../src/simulator/random.ts';

/** Chances and amounts: the same seed gives the same world. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.#random();
  }

  integer(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** Time until the next of events that come by themselves, `mean` apart. */
  wait(mean: number): number {
    return -Math.log(1 - this.#random()) * mean;
  }
}
