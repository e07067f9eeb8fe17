import type { Lane } from './lanes.ts';

/**
 * A lane is forgotten, and its descriptors closed, when this many readings went by without it. Sources that share a
 * reader take turns, and one of them reads every second: a minute or two between two scrapes is no leaving.
 */
export const FORGET_AFTER = 128;

/** What has changed since the last reading, for the side that keeps the descriptors. */
export interface LaneChanges {
  readonly define: readonly Lane[];
  readonly forget: readonly string[];
}

/** Remembers which lanes the side that keeps descriptors knows, so that only changes have to be told. */
export class LaneBook {
  readonly #known = new Map<string, { lane: Lane; lastSeen: number }>();
  #readings = 0;

  /** What has to be told before these lanes are read. It counts as told. */
  update(lanes: readonly Lane[]): LaneChanges {
    this.#readings += 1;
    const define: Lane[] = [];
    for (const lane of lanes) {
      const entry = this.#known.get(lane.key);
      if (entry === undefined || !isSameLane(entry.lane, lane)) define.push(lane);
      this.#known.set(lane.key, { lane, lastSeen: this.#readings });
    }
    return { define, forget: this.#forget() };
  }

  /** The other side has lost everything. */
  clear(): void {
    this.#known.clear();
  }

  #forget(): string[] {
    const gone: string[] = [];
    for (const [key, { lastSeen }] of this.#known) {
      if (this.#readings - lastSeen >= FORGET_AFTER) gone.push(key);
    }
    for (const key of gone) this.#known.delete(key);
    return gone;
  }
}

function isSameLane(a: Lane, b: Lane): boolean {
  if (a === b) return true;
  if (a.generation !== b.generation || a.files.length !== b.files.length) return false;
  return a.files.every((file, index) => {
    const other = b.files[index];
    return file.path === other?.path && file.maxBytes === other.maxBytes;
  });
}
