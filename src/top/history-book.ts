import type { HostView } from '../host-view/types.ts';

/** As many as the widest screen shows. */
const MOST_POINTS = 120;

/** DRAM in use of each chip over time, as a share of its capacity: one point for each look. */
export class HistoryBook {
  readonly #shares = new Map<string, (number | undefined)[]>();

  add(view: HostView): void {
    for (const { device, dram } of view.chips) {
      const { usedBytes, capacityBytes } = dram;
      const share = usedBytes === undefined || !capacityBytes ? undefined : usedBytes / capacityBytes;
      const shares = this.#shares.get(device) ?? [];
      shares.push(share);
      if (shares.length > MOST_POINTS) shares.shift();
      this.#shares.set(device, shares);
    }
  }

  /** The latest last; undefined where it was not known. */
  shares(device: string): readonly (number | undefined)[] {
    return this.#shares.get(device) ?? [];
  }
}
