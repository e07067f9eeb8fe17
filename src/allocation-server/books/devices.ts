import { DEVICE } from './memory-rows.ts';
import { sizeBounds, UNKNOWN_BOUNDS } from './size-bounds.ts';
import type { SizeBounds } from './size-bounds.ts';
import type { DeviceFacts } from './types.ts';

export interface Device {
  readonly id: number;
  facts: DeviceFacts | undefined;
  bounds: SizeBounds;
  /** One row of the shape DEVICE. */
  readonly row: Float64Array;
  /** How many processes have reported about it and are still there. */
  holders: number;
}

/** The devices that somebody has spoken of, by their id, which may be any i32 from 0 on. */
export class Devices {
  readonly #devices = new Map<number, Device>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(id: number): Device | undefined {
    return this.#devices.get(id);
  }

  /** By id. */
  all(): Device[] {
    return [...this.#devices.values()].sort((a, b) => a.id - b.id);
  }

  /** The device, new where a client is the first to name it; undefined where there are too many. */
  open(id: number): Device | undefined {
    const known = this.#devices.get(id);
    if (known !== undefined) return known;
    if (this.#devices.size >= this.#limit && !this.#dropUnused()) return undefined;
    return this.#add(id, undefined);
  }

  setFacts(id: number, facts: DeviceFacts): void {
    const device = this.#devices.get(id) ?? this.#add(id, facts);
    device.facts = facts;
    device.bounds = sizeBounds(facts.capacity);
  }

  #add(id: number, facts: DeviceFacts | undefined): Device {
    const device = { id, facts, bounds: UNKNOWN_BOUNDS, row: new Float64Array(DEVICE.row), holders: 0 };
    this.#devices.set(id, device);
    return device;
  }

  /** Forgets one that nothing is known of but what clients said, and that nobody has anything to do with any more. */
  #dropUnused(): boolean {
    for (const device of this.#devices.values()) {
      if (device.facts === undefined && device.holders === 0) return this.#devices.delete(device.id);
    }
    return false;
  }
}
