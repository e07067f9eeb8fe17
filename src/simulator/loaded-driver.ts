import { existsSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { updateInPlace } from './attribute-file.ts';
import type { SimulatedCard } from './card.ts';

/** What is there of the driver beside the cards: its class, itself, its procfs and its module. */
const OF_DRIVER = [
  'sys/class/tenstorrent',
  'sys/bus/pci/drivers/tenstorrent',
  'proc/driver/tenstorrent',
  'sys/module/tenstorrent',
] as const;
/** What a card's function has of it. */
const OF_FUNCTION = ['driver', 'hwmon', 'tenstorrent'] as const;

/** The driver's files, which go aside when it is unloaded and come back when it is loaded. The functions on the bus stay. */
export class LoadedDriver {
  readonly #root: string;
  #aside: readonly string[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  get isLoaded(): boolean {
    return this.#aside.length === 0;
  }

  unload(cards: readonly SimulatedCard[]): void {
    if (!this.isLoaded) return;
    const functions = cards.map((card) => relative(this.#root, dirname(card.path('current_link_width'))));
    const paths = [...OF_DRIVER, ...functions.flatMap((path) => OF_FUNCTION.map((name) => join(path, name)))];
    this.#aside = paths.filter((path) => existsSync(join(this.#root, path)));
    for (const path of this.#aside) renameSync(join(this.#root, path), this.#placeOf(path));
    this.#countEvent();
  }

  load(): void {
    for (const path of this.#aside.toReversed()) renameSync(this.#placeOf(path), join(this.#root, path));
    if (!this.isLoaded) this.#countEvent();
    this.#aside = [];
  }

  #placeOf(path: string): string {
    return join(this.#root, `.${path.replaceAll('/', '-')}`);
  }

  #countEvent(): void {
    const path = join(this.#root, 'sys/kernel/uevent_seqnum');
    updateInPlace(path, `${Number(readFileSync(path, 'utf8')) + 1}\n`);
  }
}
