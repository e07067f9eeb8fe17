import type { SourceTaps } from '../../collect/collector.ts';
import type { LaneReader } from '../../io/lanes.ts';
import type { Talk } from '../../sources/allocation-server/connection.ts';
import { recordingLanes } from './recording-lanes.ts';
import type { LaneRecord } from './recording-lanes.ts';

/** What sources read, kept as it was read. */
export interface HostRecord {
  readonly taps: SourceTaps;
  wrap(lanes: LaneReader): LaneReader;
  lanes(): LaneRecord;
  /** Bytes of each region, by its path. */
  readonly regions: ReadonlyMap<string, Buffer>;
  /** What was said to the allocation server, a connection each. */
  readonly talks: readonly Talk[];
}

/** For one host and one collection. */
export function createHostRecord(): HostRecord {
  const regions = new Map<string, Buffer>();
  const talks: Talk[] = [];
  let lanes: (() => LaneRecord) | undefined;
  return {
    taps: {
      onRegionBytes: (path, bytes) => {
        regions.set(path, Buffer.from(bytes));
      },
      onServerTalk: (talk) => {
        talks.push(talk);
      },
    },
    wrap: (reader) => {
      const recording = recordingLanes(reader);
      lanes = recording.record;
      return recording.reader;
    },
    lanes: () => lanes?.() ?? { results: new Map(), blocked: new Set() },
    regions,
    talks,
  };
}
