import { readFileSync } from 'node:fs';
import { DeviceEvents, UntilNextEvent } from './device-events.ts';
import { isErrnoCode, reasonOf } from './errno.ts';
import { parseWord } from './parse.ts';
import type { ReadError } from '../source.ts';

export interface DriverVersion {
  /** `2.10.0`, `2.7.0-rc1`; undefined where the module is not loaded or its version cannot be read. */
  readonly version: string | undefined;
  readonly error: ReadError | undefined;
}

/** Reads the version where it can have changed. */
export class DriverVersionReader {
  readonly #events: DeviceEvents;
  readonly #remembered: UntilNextEvent<DriverVersion>;
  readonly #sysfs: string;

  constructor(sysfs: string) {
    this.#sysfs = sysfs;
    this.#events = new DeviceEvents(sysfs);
    this.#remembered = new UntilNextEvent(this.#events);
  }

  read(): DriverVersion {
    return this.#remembered.get(() => readDriverVersion(this.#sysfs));
  }

  close(): void {
    this.#events.close();
  }
}

/** The version of the tenstorrent module. Its file is the kernel's own: reading it waits for nobody. */
export function readDriverVersion(sysfs: string): DriverVersion {
  const path = `${sysfs}/module/tenstorrent/version`;
  try {
    const version = parseWord(readFileSync(path, 'latin1'));
    if (version !== undefined) return { version, error: undefined };
    return { version, error: { reason: 'malformed', message: `${path} does not hold a version` } };
  } catch (error) {
    const absent = isErrnoCode(error, 'ENOENT', 'ENOTDIR');
    const message = `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { version: undefined, error: absent ? undefined : { reason: reasonOf(error), message } };
  }
}
