import type { CollectorConfig } from '../collect/types.ts';
import type { LaneReader } from '../io/lanes.ts';
import type { TrackedChip } from '../join/tracked-chip.ts';
import type { Source } from './source.ts';

/** What a source is made with. */
export interface SourceServices {
  readonly config: CollectorConfig;
  readonly lanes: LaneReader;
}

/**
 * A memory tracker beyond the allocation server and the shared memory regions: a folder beside theirs that exports one
 * of these, and a line in TRACKER_SOURCES. What it reads is preferred to both where it has per-process numbers.
 */
export interface TrackerSource {
  /** The collector's name: it becomes `--collector.<name>` and the `source` label. */
  readonly name: string;
  /** For `--help`. */
  readonly help: string;
  create(services: SourceServices): Source<readonly TrackedChip[]>;
}
