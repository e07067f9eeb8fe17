import type { FileResult, Lane, LaneReader } from '../../io/lanes.ts';

/** What came of the files that were read by lanes, by path. */
export interface LaneRecord {
  readonly results: ReadonlyMap<string, FileResult>;
  /** First file of each lane that was not read. */
  readonly blocked: ReadonlySet<string>;
}

/** A reader of lanes that keeps what it gives. Ask for the record when the runs are over. */
export function recordingLanes(lanes: LaneReader): { readonly reader: LaneReader; readonly record: () => LaneRecord } {
  const runs: { readonly lanes: readonly Lane[]; readonly run: ReturnType<LaneReader['read']> }[] = [];
  const reader: LaneReader = {
    read: (asked, signal) => {
      const run = lanes.read(asked, signal);
      runs.push({ lanes: asked, run });
      return run;
    },
    close: () => lanes.close(),
  };
  const record = (): LaneRecord => {
    const results = new Map<string, FileResult>();
    const blocked = new Set<string>();
    for (const { lanes: asked, run } of runs) {
      for (const { key, files } of asked) {
        const read = run.results().get(key);
        const [first] = files;
        if (read === undefined && first !== undefined) blocked.add(first.path);
        read?.forEach((result, index) => {
          const path = files[index]?.path;
          if (path !== undefined) results.set(path, result);
        });
      }
    }
    return { results, blocked };
  };
  return { reader, record };
}
