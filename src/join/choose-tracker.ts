import type { MemorySourceChoice } from '../collect/types.ts';
import { holdsMemory } from '../snapshot/memory-types.ts';
import { pidLabel } from './pid-label.ts';
import { SHARED_MEMORY } from './region-tracker.ts';
import { ALLOCATION_SERVER } from './server-tracker.ts';
import type { TrackedChip } from './tracked-chip.ts';

/**
 * The one tracker whose numbers a chip gets; two are never added up. `trackers` has at most one entry a source, in order
 * of preference. Under `auto` that is the first with per-process numbers whose books are whole, unless another sees all
 * that it sees and more; then the first with any per-process numbers, then totals only.
 */
export function chooseTracker(trackers: readonly TrackedChip[], choice: MemorySourceChoice): TrackedChip | undefined {
  const readable = trackers.filter((tracker) => tracker.readable && allowed(tracker, choice));
  const used = readable.some((tracker) => tracker.inUse)
    ? // An idle region that nobody holds is left over from before: it is no evidence against a tracker that sees bytes.
      readable.filter((tracker) => tracker.inUse || tracker.source !== SHARED_MEMORY)
    : readable;
  const detailed = used.filter((tracker) => tracker.processes !== undefined);
  const whole = detailed.filter((tracker) => tracker.state !== 'partial');
  const [best = detailed[0]] = whole.filter(
    (tracker) => !whole.some((other) => other !== tracker && seesMore(other, tracker)),
  );
  return best ?? used[0];
}

/**
 * A workload reports to the allocation server, or writes regions, or both. Of a chip all of whose workloads only write,
 * the server knows nothing, which is not that there is nothing.
 */
function seesMore(other: TrackedChip, tracker: TrackedChip): boolean {
  const seen = pidsWithMemory(tracker);
  if (seen.size === 0) return !holdsMemory(tracker.totals) && holdsMemory(other.totals);
  const theirs = pidsWithMemory(other);
  // Of one that is not proven it cannot be said who it is: it is nobody more.
  const proven = [...theirs].filter((pid) => !pid.startsWith('?'));
  return proven.some((pid) => !seen.has(pid)) && [...seen].every((pid) => theirs.has(pid));
}

function pidsWithMemory({ processes = [] }: TrackedChip): Set<string> {
  return new Set(processes.filter(({ bytes }) => holdsMemory(bytes)).map(pidLabel));
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
