import { closeSync, openSync, readSync } from 'node:fs';

/** Digits of a 64-bit number and a newline. */
const scratch = Buffer.alloc(32);

/**
 * How many events of devices and modules the kernel has counted since boot (linux: lib/kobject_uevent.c,
 * Documentation/ABI/testing/sysfs-kernel-uevents): each device, driver and module that comes or goes is one, whoever
 * listens. A line of text that only has to be compared; undefined where it cannot be read, as where a container has only
 * parts of sysfs.
 */
export class DeviceEvents {
  readonly #path: string;
  #descriptor: number | undefined;

  constructor(sysfs: string) {
    this.#path = `${sysfs}/kernel/uevent_seqnum`;
  }

  /** The file is the kernel's own: reading it waits for nobody. */
  count(): string | undefined {
    try {
      this.#descriptor ??= openSync(this.#path, 'r');
      const length = readSync(this.#descriptor, scratch, 0, scratch.length, 0);
      return length === 0 ? undefined : scratch.toString('latin1', 0, length);
    } catch {
      this.close();
      return undefined;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** The event of a removal comes before the entry is gone; so much later it is. */
const SETTLED_AFTER_MS = 3000;

/**
 * Keeps what was made of sysfs's directories for as long as the kernel counts no event: nothing can have come or gone. For
 * a while after each event, and where events are not counted, it is made anew each time.
 */
export class UntilNextEvent<T> {
  readonly #events: DeviceEvents;
  readonly #now: () => number;
  #count: string | undefined;
  #since = -Infinity;
  #kept: { readonly value: T } | undefined;

  constructor(events: DeviceEvents, now: () => number = () => performance.now()) {
    this.#events = events;
    this.#now = now;
  }

  /** `mayKeep`: whether a value will do until the next event. */
  get(make: () => T, mayKeep: (value: T) => boolean = () => true): T {
    // Before anything is looked at: what happens meanwhile is an event of the next time.
    const count = this.#events.count();
    const now = this.#now();
    if (count === undefined || count !== this.#count) {
      this.#count = count;
      this.#since = now;
      this.#kept = undefined;
    }
    if (this.#kept !== undefined) return this.#kept.value;
    const value = make();
    if (count !== undefined && now - this.#since >= SETTLED_AFTER_MS && mayKeep(value)) this.#kept = { value };
    return value;
  }

  /** Something speaks against what is kept. */
  forget(): void {
    this.#kept = undefined;
  }
}
