import type { CollectRequest, Collector, ReloadResult } from '../../src/collect/types.ts';
import { FAMILIES } from '../../src/metrics/catalogue.ts';
import { PageEncoder } from '../../src/metrics/encode/page-encoder.ts';
import { PageService } from '../../src/reader/page-service.ts';
import type { PageServiceOptions } from '../../src/reader/page-service.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';

export const COLLECTOR_NAMES = ['allocation_server', 'shared_memory', 'sysfs', 'procfs', 'kubernetes'];

/** A host without anything, where the collectors that were asked for found no data. `mark` is its driver's version. */
export function emptySnapshot(mark: string, collectors: readonly string[] = COLLECTOR_NAMES): Snapshot {
  return {
    takenAtSeconds: 0,
    driverVersion: mark,
    devicesExpected: undefined,
    maintenance: undefined,
    devicesByState: undefined,
    devicesSkipped: undefined,
    missingRights: [],
    devices: [],
    processes: [],
    processesFolded: 0,
    allocationServer: undefined,
    collectors: collectors.map((name) => ({ name, outcome: 'no_data', durationSeconds: 0 })),
    readErrors: [],
  };
}

/** A collector that does what a test tells it. */
export class FakeCollector implements Collector {
  readonly requests: CollectRequest[] = [];
  readonly #answer: (request: CollectRequest) => Promise<Snapshot>;
  reloadResult: ReloadResult = { ok: true };
  closed = 0;

  constructor(answer: (request: CollectRequest) => Promise<Snapshot>) {
    this.#answer = answer;
  }

  collect(request: CollectRequest): Promise<Snapshot> {
    this.requests.push(request);
    return this.#answer(request);
  }

  reload(): Promise<ReloadResult> {
    return Promise.resolve(this.reloadResult);
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

/** A collector that answers at once with a snapshot of that mark. */
export function promptCollector(mark: string): FakeCollector {
  return new FakeCollector((request) => Promise.resolve(emptySnapshot(mark, request.collectors)));
}

/** The reading side around a collector. */
export function serviceOf(collector: Collector, told: Pick<PageServiceOptions, 'onFirstAnswer'> = {}): PageService {
  const encoder = new PageEncoder();
  return new PageService({ collector, encoder, families: FAMILIES, collectors: COLLECTOR_NAMES, ...told });
}
