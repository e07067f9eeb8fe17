import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { FileResult, Lane } from '../../src/io/lanes.ts';
import { laneOf, makeFifos, text } from './temp-folder.ts';

/** Devices with three sensor files each, in a folder. Any device can be made to block the reads of its second file. */
export class DeviceFolder {
  readonly lanes: readonly Lane[];
  readonly #folder: string;
  readonly #writers = new Map<number, number>();

  constructor(folder: string, count: number) {
    this.#folder = folder;
    this.lanes = Array.from({ length: count }, (_, device) => {
      const paths = ['first', 'second', 'third'].map((name) => this.#path(device, name));
      for (const path of paths) writeFileSync(path, `device ${device}\n`);
      return laneOf(`device ${device}`, paths);
    });
  }

  /** What a whole reading of all devices but these gives. */
  expected(without: readonly number[] = []): Record<string, readonly FileResult[]> {
    const present = this.lanes
      .map((lane, device) => ({ lane, device }))
      .filter(({ device }) => !without.includes(device));
    return Object.fromEntries(present.map(({ lane, device }) => [lane.key, Array(3).fill(text(`device ${device}\n`))]));
  }

  keys(devices: readonly number[]): string[] {
    return devices.map((device) => `device ${device}`);
  }

  /** Blocks in open(), or in read() where a writer is there that writes nothing. */
  block(devices: readonly number[], where: 'open' | 'read'): void {
    const paths = devices.map((device) => this.#path(device, 'second'));
    for (const path of paths) rmSync(path);
    makeFifos(paths);
    if (where === 'read') for (const device of devices) this.#openWriter(device);
  }

  /** Lets the reads come back with a value, and puts ordinary files in the place of the FIFOs. */
  unblock(devices: readonly number[]): void {
    for (const device of devices) {
      const path = this.#path(device, 'second');
      const writer = this.#openWriter(device);
      writeFileSync(`${path}.next`, `device ${device}\n`);
      renameSync(`${path}.next`, path);
      writeSync(writer, 'late\n');
    }
  }

  close(): void {
    for (const writer of this.#writers.values()) closeSync(writer);
    this.#writers.clear();
  }

  /** Opened for both directions, so that it blocks neither here nor for want of a reader. */
  #openWriter(device: number): number {
    const writer = this.#writers.get(device) ?? openSync(this.#path(device, 'second'), constants.O_RDWR);
    this.#writers.set(device, writer);
    return writer;
  }

  #path(device: number, name: string): string {
    return join(this.#folder, `${device}-${name}`);
  }
}
