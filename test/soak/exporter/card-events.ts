import type { SimulatedCard } from '../../../src/simulator/card.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import type { SensorBooks } from './sensor-books.ts';

/** What befalls cards: each begins, lasts for a while, and is over when its promise resolves. */
export class CardEvents {
  readonly #host: SimulatedHost;
  readonly #books: SensorBooks;
  readonly #last: () => Promise<unknown>;
  #driverIndex = 10;

  /** `last`: how long each of them lasts. */
  constructor(host: SimulatedHost, books: SensorBooks, last: () => Promise<unknown>) {
    this.#host = host;
    this.#books = books;
    this.#last = last;
  }

  /** Reads of these cards block. */
  async block(indexes: readonly number[]): Promise<void> {
    const cards = indexes.map((index) => this.#host.card(index));
    for (const card of cards) {
      this.#books.blocks(card, true, () => {
        card.block();
      });
    }
    await this.#last();
    for (const card of cards) {
      this.#books.blocks(card, false, () => {
        card.unblock();
      });
    }
  }

  /** A reset, a firmware that hangs, a chip that is off the bus. */
  async state(index: number, enter: 'beginReset' | 'freeze' | 'allOnes'): Promise<void> {
    const card = this.#host.card(index % this.#host.cards.length);
    this.#books.happens(card, () => {
      card[enter]();
    });
    await this.#last();
    this.#books.happens(card, () => {
      card.recover();
    });
  }

  /** Reads of one sensor fail. */
  async fail(index: number, attribute: string, code: string): Promise<void> {
    const card: SimulatedCard = this.#host.card(index % this.#host.cards.length);
    this.#books.fails(card, attribute, true, () => {
      card.failReads(attribute, code);
    });
    await this.#last();
    this.#books.fails(card, attribute, false, () => {
      card.endFailure(attribute);
    });
  }

  /** A card goes, and comes back as another device of the driver. */
  async unplug(index: number): Promise<void> {
    const card = this.#host.card(index);
    this.#books.happens(card, () => {
      this.#host.unplug(index);
    });
    await this.#last();
    this.#driverIndex = this.#driverIndex >= 20 ? 10 : this.#driverIndex + 1;
    this.#books.happens(card, () => {
      this.#host.replug(index, this.#driverIndex);
    });
  }

  /** Two cards go, and come back each with the driver's number of the other one. */
  async exchange(one: number, other: number): Promise<void> {
    const [first, second] = [this.#host.card(one), this.#host.card(other)];
    const [firstNumber, secondNumber] = [first.driverIndex ?? one, second.driverIndex ?? other];
    for (const card of [first, second]) {
      this.#books.happens(card, () => {
        this.#host.unplug(card.index);
      });
    }
    await this.#last();
    this.#books.happens(first, () => {
      this.#host.replug(one, secondNumber);
    });
    this.#books.happens(second, () => {
      this.#host.replug(other, firstNumber);
    });
  }

  /** The driver is unloaded and loaded again. */
  async reloadDriver(): Promise<void> {
    this.#books.hasDriver(false, () => {
      this.#host.unloadDriver();
    });
    await this.#last();
    this.#books.hasDriver(true, () => {
      this.#host.loadDriver();
    });
  }
}
