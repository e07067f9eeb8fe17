import { PageGzip } from '../gzip/page-gzip.ts';
import { drawPage } from '../reader/page-service.ts';
import type { PageSource } from '../reader/page-service.ts';
import type { OwnFamilies, PageAnswer, PageRequest } from '../reader/types.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/**
 * The page where no reader answered: the exporter's own metrics, and each collector that was asked for as failed.
 * `durationSeconds`: how long was waited.
 */
export function fallbackPage(
  encoder: PageSource,
  { format, gzip }: Pick<PageRequest, 'format' | 'gzip'>,
  own: OwnFamilies,
  collectors: readonly string[],
  durationSeconds: number,
): PageAnswer {
  const snapshot: Snapshot = {
    takenAtSeconds: Date.now() / 1000,
    driverVersion: undefined,
    devicesExpected: undefined,
    maintenance: undefined,
    devicesByState: undefined,
    devicesSkipped: undefined,
    missingRights: [],
    devices: [],
    processes: [],
    processesFolded: 0,
    allocationServer: undefined,
    collectors: collectors.map((name) => ({ name, outcome: 'failed', durationSeconds })),
    readErrors: [],
  };
  const { body, series } = drawPage(encoder, new PageGzip(), snapshot, { format, gzip, own });
  // The encoder's memory is another page's when this one is sent.
  return { body: new Uint8Array(body), series };
}
