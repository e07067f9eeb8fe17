import type { CapacityConfig } from '../capacity/config.ts';
import type { Log } from '../log/log.ts';
import { errorText } from '../log/log.ts';
import type { Books } from './books/types.ts';
import { devicesOf, readCapacityConfig, readCards } from './capacity.ts';

/** Cards come and go, and firmware is updated, without anybody saying so. */
const PERIOD_MS = 60_000;

export interface DeviceWatchOptions {
  readonly books: Books;
  readonly sysfsPath: string;
  readonly capacityConfigFile: string | undefined;
  readonly log: Log;
}

/** Tells the books which devices there are and what they have, now and then again. */
export class DeviceWatch {
  readonly #options: DeviceWatchOptions;
  #config: CapacityConfig | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: DeviceWatchOptions) {
    this.#options = options;
  }

  /** Reads the capacity file, and throws where that is not possible. The cards are read meanwhile: nobody waits for a driver. */
  async start(): Promise<void> {
    this.#config = await readCapacityConfig(this.#options.capacityConfigFile);
    this.#timer = setInterval(() => {
      this.#read();
    }, PERIOD_MS).unref();
    this.#read();
  }

  /** Reads the capacity file and the cards again. A file that is wrong is not used. */
  async reload(): Promise<void> {
    const { log, capacityConfigFile } = this.#options;
    try {
      this.#config = await readCapacityConfig(capacityConfigFile);
      log.info('read the capacity file again', { file: capacityConfigFile });
    } catch (error) {
      log.error('the capacity file is not used: what was read before holds', { error: errorText(error) });
    }
    this.#read();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #read(): void {
    this.#reading = this.#reading.then(() => this.#readOnce());
  }

  async #readOnce(): Promise<void> {
    const { books, sysfsPath, log } = this.#options;
    try {
      const cards = await readCards(sysfsPath);
      if (cards === undefined) return;
      for (const [id, facts] of devicesOf(cards, this.#config)) books.setDevice(id, facts);
    } catch (error) {
      log.warn('the cards cannot be read', { error: errorText(error) });
    }
  }
}
