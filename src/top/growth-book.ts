import { knownBytes } from '../host-view/memory-use.ts';
import type { HostView } from '../host-view/types.ts';

interface Point {
  readonly at: number;
  readonly bytes: number;
}

const WINDOW_SECONDS = 60;
/** Between two points that are kept: growth by the minute needs no more. */
const STEP_SECONDS = 5;
/** Below this a difference is rather noise than growth. */
const LEAST_SECONDS = 4;

/** How fast the memory of processes grows, from what was seen within the last minute. */
export class GrowthBook {
  #points = new Map<string, Point[]>();

  /** Takes a view; processes that are in it no more are forgotten. */
  add(view: HostView): void {
    const points = new Map<string, Point[]>();
    for (const { pid, startTimeSeconds, chips } of view.processes) {
      const key = keyOf(pid, startTimeSeconds);
      const bytes = chips.reduce((sum, part) => sum + knownBytes(part.bytes), 0);
      const at = view.takenAtSeconds;
      const known = (this.#points.get(key) ?? []).filter((point) => at - point.at <= WINDOW_SECONDS);
      const last = known.at(-1);
      if (last === undefined || at - last.at >= STEP_SECONDS) known.push({ at, bytes });
      points.set(key, known);
    }
    this.#points = points;
  }

  /** Bytes by the minute; undefined until there is something to compare with. */
  perMinute(pid: string, startTimeSeconds: number | undefined, now: Point): number | undefined {
    const first = this.#points.get(keyOf(pid, startTimeSeconds))?.[0];
    if (first === undefined || now.at - first.at < LEAST_SECONDS) return undefined;
    return ((now.bytes - first.bytes) * 60) / (now.at - first.at);
  }
}

/** A PID that is used again is another process. */
function keyOf(pid: string, startTimeSeconds: number | undefined): string {
  return `${pid} ${startTimeSeconds ?? ''}`;
}
