import { constant, loadThenPreallocate, traffic } from '../builder.ts';
import type { HostBuilder } from '../builder.ts';
import { lines, steps } from '../curve.ts';
import type { Point } from '../curve.ts';
import { DAY, HOUR, MINUTE } from '../life.ts';
import type { HostLife } from '../life.ts';

/** Takes nearly all of DRAM and L1 at its start and keeps it; deployed anew every few days. */
export function preallocatingServer(host: HostBuilder): HostLife {
  for (const chip of host.chips) serveUntil(host, chip, host.end);
  return host.life({ tracking: { kind: 'region', version: host.dice.chance(0.5) ? '3' : '4' } });
}

/** One deployment after the other. */
export function serveUntil(host: HostBuilder, chip: number, end: number): void {
  const { dice } = host;
  for (let from = -dice.between(0, 2) * DAY; from < end;) {
    const until = from + dice.between(1.5, 9) * DAY;
    const dram = loadThenPreallocate(dice, from, dice.between(0.3, 0.7), dice.between(0.9, 0.985));
    const load = traffic(dice, from, until);
    host.run({ from, until, comm: 'vllm' }, [chip], { dram, trace: 0.01, l1: dice.between(0.85, 0.97), load });
    from = until + dice.between(1, 5) * MINUTE;
  }
}

/** Replicas come in the morning, one after the other, and go at night; each takes its cache bit by bit at first. */
export function autoscaledServer(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    for (let day = 0; day < host.end; day += DAY) {
      const replicas = dice.integer(1, 3);
      for (let replica = 0; replica < replicas; replica++) {
        const from = day + (6.5 + replica * dice.between(0.7, 1.8)) * HOUR;
        const until = day + dice.between(17, 23.5) * HOUR;
        const weights = dice.between(0.08, 0.14);
        const points: Point[] = [
          [from, 0.005],
          [from + 4 * MINUTE, weights],
        ];
        const warm = dice.between(10, 40) * MINUTE;
        for (let t = 5 * MINUTE; t < 5 * warm; t += 5 * MINUTE) {
          points.push([from + 4 * MINUTE + t, weights + 0.15 * (1 - Math.exp(-t / warm))]);
        }
        host.run({ from, until, comm: 'replica' }, [chip], {
          dram: steps(points),
          l1: 0.2,
          load: traffic(dice, from, until),
        });
      }
    }
  }
  return host.life();
}

/** Each version needs more than the one before. */
export function largerAfterRestart(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    let share = dice.between(0.3, 0.5);
    for (let from = -dice.between(0, 20) * HOUR; from < host.end;) {
      const until = from + dice.between(4, 40) * HOUR;
      const dram = loadThenPreallocate(dice, from, share * 0.7, share);
      host.run({ from, until, comm: 'server' }, [chip], { dram, l1: 0.5, load: traffic(dice, from, until) });
      share = share > 0.8 ? dice.between(0.3, 0.5) : share + dice.between(0.04, 0.15);
      from = until + dice.between(0.5, 4) * MINUTE;
    }
  }
  return host.life();
}

/** Everything was captured once: allocates nothing for days, at full load. */
export function traceReplay(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    const from = -dice.between(0.5, 30) * HOUR;
    const dram = loadThenPreallocate(dice, from, 0.4, dice.between(0.6, 0.95));
    host.run({ from, until: host.end, comm: 'tracer' }, [chip], { dram, trace: 0.04, l1: 0.9, load: constant(1) });
  }
  return host.life({ board: 'p150a' });
}

/** Compiles a program when a shape comes for the first time: grows for its first hours, and once more days later. */
export function lazyCompiler(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    for (let from = -dice.between(0, 20) * HOUR; from < host.end;) {
      const until = from + dice.between(12, 80) * HOUR;
      const base = dice.between(0.15, 0.5);
      const cache = dice.between(0.05, 0.2);
      const pace = dice.between(15, 50) * MINUTE;
      const points: Point[] = [
        [from, 0.01],
        [from + 6 * MINUTE, base],
      ];
      let cached = 0;
      for (let t = 8 * MINUTE; from + t < until;) {
        cached += (cache - cached) * dice.between(0.3, 1) * Math.min(1, (4 * MINUTE) / pace);
        points.push([from + t, base + cached]);
        t += dice.wait(4 * MINUTE + t / 12);
      }
      const late = from + dice.between(6, 12) * HOUR;
      const dram = steps(points.map(([t, share]) => [t, t < late ? share : share + 0.03]));
      host.run({ from, until, comm: 'compiler' }, [chip], { dram, l1: 0.6, load: traffic(dice, from, until) });
      from = until + 2 * MINUTE;
    }
  }
  return host.life();
}

/** An old process takes in more for two hours, and then no more. */
export function growthThenPlateau(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    const from = -dice.between(0, 10) * HOUR;
    const points: Point[] = [
      [from, 0.02],
      [from + 8 * MINUTE, dice.between(0.15, 0.3)],
    ];
    for (let t = dice.between(8, 30) * HOUR; t < host.end; t += dice.between(14, 40) * HOUR) {
      const share = points.at(-1)?.[1] ?? 0;
      const length = dice.between(0.3, 2) * HOUR;
      // What it took in before goes when there is no room for the next.
      const next = share > 0.7 ? 0.2 : share;
      points.push([t, share], [t + 30, next], [t + length, next + dice.between(0.02, 0.12)]);
    }
    const load = traffic(dice, from, host.end);
    host.run({ from, until: host.end, comm: 'indexer' }, [chip], { dram: lines(points), l1: 0.3, load });
  }
  return host.life();
}
