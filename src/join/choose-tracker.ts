import type { MemorySourceChoice } from '../collect/types.ts';
import { SHARED_MEMORY } from './region-tracker.ts';
import { ALLOCATION_SERVER } from './server-tracker.ts';
import type { TrackedChip } from './tracked-chip.ts';

/**
 * The one tracker whose numbers a chip gets; two are never added up. `trackers` has at most one entry a source, in order
 * of preference. Under `auto` that is the first with per-process numbers whose books are whole, then the first with
 * any per-process numbers, then totals only.
 */
export function chooseTracker(trackers: readonly TrackedChip[], choice: MemorySourceChoice): TrackedChip | undefined {
  const readable = trackers.filter((tracker) => tracker.readable && allowed(tracker, choice));
  const used = readable.some((tracker) => tracker.inUse)
    ? // An idle region that nobody holds is left over from before: it is no evidence against a tracker that sees bytes.
      readable.filter((tracker) => tracker.inUse || tracker.source !== SHARED_MEMORY)
    : readable;
  const detailed = used.filter((tracker) => tracker.processes !== undefined);
  return detailed.find((tracker) => tracker.state !== 'partial') ?? detailed[0] ?? used[0];
}

function allowed(tracker: TrackedChip, choice: MemorySourceChoice): boolean {
  switch (choice) {
    case 'auto':
      return true;
    case 'allocation-server':
      return tracker.source === ALLOCATION_SERVER;
    case 'shared-memory':
      return tracker.source === SHARED_MEMORY;
  }
}
