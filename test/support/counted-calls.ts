import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The ways in which the program asks the filesystem for something, but for those that wait for it elsewhere. */
const CALLS = [
  'openSync',
  'readSync',
  'readdirSync',
  'opendirSync',
  'readlinkSync',
  'statSync',
  'lstatSync',
  'fstatSync',
  'existsSync',
  'readFileSync',
  'statfsSync',
] as const;

/** Counts calls of the filesystem by this program, until it is disposed of. */
export class CountedCalls implements Disposable {
  /** By name. */
  readonly counts = new Map<string, number>();
  readonly #undo: (() => void)[] = [];

  constructor() {
    for (const name of CALLS) this.#watch(name);
    syncBuiltinESMExports();
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  reset(): void {
    this.counts.clear();
  }

  #watch(name: (typeof CALLS)[number]): void {
    const original = Object.getOwnPropertyDescriptor(fs, name);
    const call: unknown = original?.value;
    if (original === undefined || typeof call !== 'function') throw new Error(`there is no ${name}`);
    const counted = (...parts: unknown[]): unknown => {
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      return Reflect.apply(call, fs, parts);
    };
    Object.defineProperty(fs, name, { ...original, value: counted });
    this.#undo.push(() => Object.defineProperty(fs, name, original));
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo) undo();
    syncBuiltinESMExports();
  }
}
