import type { RegionWriter } from '../../src/simulator/region-writer.ts';
import type { Namespace } from './namespace.ts';
import type { WorldRegion } from './world-region.ts';
import type { Counter, Version } from './region-book.ts';

/** How a process holds a region. */
export interface Hold {
  /** It may have closed its descriptor and kept the mapping. */
  descriptor: boolean;
  /** What it writes with; a child writes with its parent's, as long as that is open. */
  readonly writer: RegionWriter | undefined;
  /** It attached by itself, so it is one of the tracker's processes. */
  readonly attached: boolean;
  readonly held: Map<Counter, number>;
}

/** One process from its start to its end. */
export interface Life {
  readonly id: number;
  readonly hostPid: number;
  readonly namespace: Namespace;
  /** Its numbers, outermost first. */
  readonly pids: readonly number[];
  /** The last of them. */
  readonly ownPid: number;
  readonly startTicks: number;
  readonly parent: Life | undefined;
  readonly version: Version;
  readonly holds: Map<WorldRegion, Hold>;
  /** Its open file of the device, shared with its children. */
  readonly device: DeviceFile | undefined;
  /** `leaderless`: its first thread has ended and others run. `zombie`: it has ended, and nobody has asked for it. */
  stage: 'running' | 'leaderless' | 'zombie' | 'gone';
  /** It has begun to release its slots, and has not come to the end. */
  leaving: boolean;
  /** The exporter may not look at its descriptors and mappings. */
  denied: boolean;
}

/** An open file of /dev/tenstorrent/0: the driver lists its opener while anybody has it. */
export interface DeviceFile {
  readonly opener: number;
  readonly sharedBy: Set<Life>;
}

export function isAlive({ stage }: Life): boolean {
  return stage === 'running' || stage === 'leaderless';
}

/** What it is called. */
export function name({ id }: Life): string {
  return `life-${id}`;
}
