import { constant } from '../builder.ts';
import type { HostBuilder } from '../builder.ts';
import { lines, steps } from '../curve.ts';
import type { Curve, Point } from '../curve.ts';
import type { Dice } from '../dice.ts';
import { DAY, HOUR, MINUTE } from '../life.ts';
import type { HostLife } from '../life.ts';

/** One job on all chips: a sawtooth with a constant floor, and a step up for each checkpoint and evaluation. */
export function training(host: HostBuilder): HostLife {
  const { dice } = host;
  for (let from = -dice.between(0, 20) * HOUR; from < host.end;) {
    const until = from + dice.between(6, 60) * HOUR;
    const floor = dice.between(0.3, 0.6);
    const swing = dice.between(0.05, 0.25);
    const every = dice.between(0.4, 3) * HOUR;
    const seed = dice.integer(1, 1e6);
    host.run({ from, until, comm: 'train' }, host.chips, (chip) => {
      const extra = checkpoints(from, until, every);
      const warmUp = lines([
        [from, 0.02],
        [from + 15 * MINUTE, floor],
      ]);
      const dram: Curve = (t) => warmUp(t) + (t - from > 20 * MINUTE ? swing * noise(seed + chip, t) + extra(t) : 0);
      return { dram, l1: 0.7, load: constant(0.95) };
    });
    from = until + dice.between(2, 90) * MINUTE;
  }
  return host.life({ tracking: { kind: 'region', version: '3' } });
}

function checkpoints(from: number, until: number, every: number): Curve {
  const points: Point[] = [];
  for (let t = from + every; t < until; t += every) points.push([t, 0.06], [t + 5 * MINUTE, 0]);
  return steps(points);
}

/** 0 to 1, another one at each time, the same one when it is asked again. */
function noise(seed: number, seconds: number): number {
  const mixed = Math.imul(Math.floor(seconds) ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b) >>> 0;
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

/** Somebody at work: loads a model, tries things, keeps some of it, clears it, restarts the kernel, goes home. */
export function notebook(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    for (let day = 0; day < host.end; day += DAY) {
      if (dice.chance(0.2)) continue;
      let from = day + dice.between(8, 14) * HOUR;
      const sessions = dice.integer(1, 3);
      for (let session = 0; session < sessions; session++) {
        const until = from + dice.between(0.5, 5) * HOUR;
        host.run({ from, until, comm: 'notebook' }, [chip], workingSession(dice, from, until));
        from = until + dice.between(1, 40) * MINUTE;
      }
    }
  }
  return host.life();
}

function workingSession(dice: Dice, from: number, until: number): { dram: Curve; l1: number; load: Curve } {
  const model = dice.between(0.05, 0.4);
  const points: Point[] = [
    [from + MINUTE, 0.001],
    [from + dice.between(2, 20) * MINUTE, model],
  ];
  const load: Point[] = [[from, 0]];
  let kept = 0;
  for (let t = from + 22 * MINUTE; t < until; t += dice.wait(9 * MINUTE)) {
    if (dice.chance(0.12)) kept = 0;
    else if (dice.chance(0.25)) kept = Math.min(0.3, kept + dice.between(0.002, 0.03));
    const runs = dice.between(0.2, 4) * MINUTE;
    points.push([t, model + kept + dice.between(0, 0.1)], [t + runs, model + kept]);
    load.push([t, 0.8], [t + runs, 0]);
    t += runs;
  }
  return { dram: steps(points), l1: 0.1, load: steps(load) };
}

/** Tests, one after the other, each a process of its own for some minutes; few at night. */
export function ciChurn(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    for (let from = 0; from < host.end;) {
      const until = from + dice.between(0.7, 15) * MINUTE;
      const share = dice.between(0.02, 0.6);
      const dram = steps([
        [from, 0.005],
        [from + dice.between(5, 60), share],
      ]);
      // A test that hangs is killed; what it held is cleared before the next one.
      const cleanedAt = dice.chance(0.03) ? until + dice.between(1, 4) * MINUTE : undefined;
      const stay = { from, until, comm: 'pytest', ...(cleanedAt === undefined ? {} : { cleanedAt }) };
      host.run(stay, [chip], { dram, l1: dice.between(0.05, 0.8), load: constant(0.6) });
      const night = (from / HOUR) % 24 < 7;
      from = Math.max(until + dice.wait(night ? 40 * MINUTE : 3 * MINUTE), cleanedAt ?? 0);
    }
  }
  return host.life();
}

/** Starts, loads, dies, and starts again. */
export function crashLoop(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    const reaped = dice.chance(0.5);
    for (let from = dice.between(0, 12) * HOUR; from < host.end;) {
      const until = from + dice.between(2, 25) * MINUTE;
      const next = until + dice.between(10, 300);
      const dram = lines([
        [from, 0.01],
        [from + 4 * MINUTE, dice.between(0.4, 0.9)],
      ]);
      // It dies without tidying up: the next one finds its slot, and takes it.
      const stay = { from, until, comm: 'server', ...(reaped ? {} : { cleanedAt: next }) };
      host.run(stay, [chip], { dram, l1: 0.5, load: constant(0.3) });
      from = dice.chance(0.02) ? next + dice.between(2, 30) * HOUR : next;
    }
  }
  return host.life();
}

/** Holds much and does nothing for days. */
export function idleHolder(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    for (let from = -dice.between(0, 10) * HOUR; from < host.end;) {
      const idleFrom = from + dice.between(0.5, 6) * HOUR;
      const until = idleFrom + dice.between(1.6, 5) * DAY;
      const dram = lines([
        [from, 0.01],
        [from + 5 * MINUTE, dice.between(0.4, 0.95)],
      ]);
      host.run({ from, until, comm: 'forgotten' }, [chip], {
        dram,
        l1: 0.3,
        load: steps([
          [from, 0.7],
          [idleFrom, 0],
        ]),
      });
      const known = Math.max(0, idleFrom);
      host.findings.push({ alerts: ['TenstorrentMemoryHeldIdle'], chip, from: known + 20 * HOUR, until });
      from = until + dice.between(0.5, 6) * HOUR;
    }
  }
  return host.life();
}
