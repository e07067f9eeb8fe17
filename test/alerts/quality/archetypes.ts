import * as computing from './archetypes/computing.ts';
import * as leaking from './archetypes/leaking.ts';
import * as serving from './archetypes/serving.ts';
import * as troubled from './archetypes/troubled.ts';
import { HostBuilder } from './builder.ts';
import { Dice } from './dice.ts';
import type { HostLife } from './life.ts';

/** What hosts do, by the name that the table has. */
export const ARCHETYPES: ReadonlyMap<string, (host: HostBuilder) => HostLife> = new Map([
  ['preallocating server', serving.preallocatingServer],
  ['autoscaled server', serving.autoscaledServer],
  ['restart with larger footprint', serving.largerAfterRestart],
  ['trace replay', serving.traceReplay],
  ['lazy compiler', serving.lazyCompiler],
  ['growth then a plateau', serving.growthThenPlateau],
  ['training with checkpoints', computing.training],
  ['notebook', computing.notebook],
  ['CI churn', computing.ciChurn],
  ['crash loop', computing.crashLoop],
  ['idle holder', computing.idleHolder],
  ['slow leak', leaking.slowLeak],
  ['fast leak', leaking.fastLeak],
  ['leak in totals only', leaking.leakInTotals],
  ['leak by killed workers', leaking.killedWorkers],
  ['noisy sensor', troubled.noisySensor],
  ['device resets', troubled.deviceResets],
  ['exporter restarts', troubled.exporterRestarts],
  ['invisible container', troubled.invisibleContainer],
  ['tracking off', troubled.trackingOff],
  ['totals only', troubled.totalsOnly],
  ['drifting region', troubled.driftingRegion],
  ['maintenance', troubled.maintained],
]);

/** Thinks up the life of one host. The same seed gives the same one. */
export function hostLife(archetype: string, seed: number, chips: number, days: number): HostLife {
  const think = ARCHETYPES.get(archetype);
  if (think === undefined) throw new RangeError(`no archetype "${archetype}"`);
  return think(new HostBuilder(new Dice(seed), chips, days));
}
