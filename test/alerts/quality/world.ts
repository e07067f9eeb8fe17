import { hostLife } from './archetypes.ts';
import type { HostLife } from './life.ts';

/** A host with what it is called. */
export interface WorldHost {
  readonly archetype: string;
  /** Labels of its target. Half of the hosts have no cluster label. */
  readonly target: Readonly<Record<string, string>>;
  readonly life: HostLife;
}

export interface World {
  readonly hosts: readonly WorldHost[];
  /** When it begins, in seconds since the Unix epoch. */
  readonly epoch: number;
  readonly days: number;
  readonly scrapeSeconds: number;
}

export interface WorldPlan {
  readonly archetypes: readonly string[];
  readonly chips: number;
  readonly days: number;
  readonly seed: number;
  readonly scrapeSeconds: number;
  /** Seconds since the Unix epoch; a day of today by default. */
  readonly epoch?: number;
}

/** 2026-06-01T00:00:00Z, a Monday. */
const EPOCH = 1_780_272_000;

/** One host of each archetype. */
export function createWorld({ archetypes, chips, days, seed, scrapeSeconds, epoch = EPOCH }: WorldPlan): World {
  const hosts = archetypes.map((archetype, index) => {
    const instance = `${archetype.replaceAll(/\W+/gu, '-')}-${seed}:10072`;
    const cluster = index % 2 === 0 ? { cluster: 'simulated' } : {};
    return {
      archetype,
      target: { ...cluster, job: 'tenstorrent', instance },
      life: hostLife(archetype, seed * 1000 + index, chips, days),
    };
  });
  return { hosts, epoch, days, scrapeSeconds };
}

export function chipDays({ hosts, days }: World): number {
  return hosts.reduce((sum, { life }) => sum + life.chips * days, 0);
}
