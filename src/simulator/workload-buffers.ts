/** Buffers of one type on one chip, as an allocator's user has them: made and freed whole. */
export interface BufferChanges {
  readonly freed: readonly DeviceBuffer[];
  readonly allocated: readonly DeviceBuffer[];
}

export interface DeviceBuffer {
  /** Unique on its chip: it stands for the device address. */
  readonly id: number;
  readonly bytes: number;
}

/** Keeps the live buffers; the newest are freed first. */
export class Buffers {
  readonly #live: DeviceBuffer[] = [];
  readonly #nextId: () => number;

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  /** What to free and allocate so that exactly `bytes` are held. */
  hold(bytes: number): BufferChanges {
    const freed: DeviceBuffer[] = [];
    let held = this.#live.reduce((sum, buffer) => sum + buffer.bytes, 0);
    while (held > bytes) {
      const buffer = this.#live.pop();
      if (buffer === undefined) break;
      freed.push(buffer);
      held -= buffer.bytes;
    }
    if (held === bytes) return { freed, allocated: [] };
    const buffer = { id: this.#nextId(), bytes: bytes - held };
    this.#live.push(buffer);
    return { freed, allocated: [buffer] };
  }
}
