import type { Report } from '../protocol/reports.ts';

/** A report that makes something live. */
export type HoldingReport = Extract<Report, { kind: 'alloc' | 'cb_alloc' | 'cb_alloc_cores' | 'kernel_load' }>;

/** What can be live under one id at the same time: an address is one of a buffer and of a circular buffer. */
export type HeldKind = 'buffer' | 'cb' | 'kernel';

export interface LiveReport {
  readonly report: HoldingReport;
  /** The one below it under the same id: a further reference, or another memory that has the same address. */
  readonly below: LiveReport | undefined;
}

const KINDS: Readonly<Record<HoldingReport['kind'], HeldKind>> = {
  alloc: 'buffer',
  cb_alloc: 'cb',
  cb_alloc_cores: 'cb',
  kernel_load: 'kernel',
};

/** What an application holds: each report of it, oldest first. A FREE names no type: it ends the latest under its id. */
export class LiveReports {
  readonly #tops = new Map<string, LiveReport>();
  readonly #all = new Set<LiveReport>();

  get size(): number {
    return this.#all.size;
  }

  add(report: HoldingReport): LiveReport {
    const key = keyOf(KINDS[report.kind], report.deviceId, report.bufferId);
    const live = { report, below: this.#tops.get(key) };
    this.#tops.set(key, live);
    this.#all.add(live);
    return live;
  }

  /** Undefined where nothing is live under that id. */
  remove(kind: HeldKind, deviceId: number, id: bigint): LiveReport | undefined {
    const key = keyOf(kind, deviceId, id);
    const live = this.#tops.get(key);
    if (live === undefined) return undefined;
    if (live.below === undefined) this.#tops.delete(key);
    else this.#tops.set(key, live.below);
    this.#all.delete(live);
    return live;
  }

  /** Oldest first. */
  values(): IterableIterator<LiveReport> {
    return this.#all.values();
  }
}

function keyOf(kind: HeldKind, deviceId: number, id: bigint): string {
  return `${kind}:${deviceId}:${id}`;
}
