import { constant, loadThenPreallocate } from '../builder.ts';
import type { HostBuilder } from '../builder.ts';
import { lines } from '../curve.ts';
import type { Curve, Point } from '../curve.ts';
import { DAY, HOUR, MINUTE } from '../life.ts';
import type { HostLife } from '../life.ts';
import { serveUntil } from './serving.ts';
import { training } from './computing.ts';

/** Readings that jump, and now and then one that cannot be true; on some chips the voltage is never true. */
export function noisySensor(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) serveUntil(host, chip, host.end);
  const broken = new Set(host.chips.filter(() => dice.chance(0.25)));
  for (const chip of broken) host.findings.push(always(host, 'TenstorrentSensorImplausible', chip));
  return host.life({
    temperatureNoise: 5,
    rejected: (chip) => {
      const rejected = [];
      if (broken.has(chip)) rejected.push({ sensor: 'vcore', reason: 'implausible' });
      if (dice.chance(0.01)) rejected.push({ sensor: 'asic', reason: 'implausible' });
      return rejected;
    },
  });
}

/** A chip is reset between jobs, which takes a minute or two. */
export function deviceResets(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    for (let from = dice.between(0, 3) * HOUR; from < host.end;) {
      const until = from + dice.between(0.5, 8) * HOUR;
      const dram = loadThenPreallocate(dice, from, 0.3, dice.between(0.4, 0.95));
      host.run({ from, until, comm: 'job' }, [chip], { dram, l1: 0.8, load: constant(0.9) });
      const back = until + dice.between(35, 130);
      host.chipStates.push({ chip, from: until, until: back, state: 'resetting' });
      from = back + dice.between(5, 60);
    }
  }
  return host.life({ board: 'p150a' });
}

/** The exporter is deployed anew; for some hours the network loses a scrape in ten. */
export function exporterRestarts(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) serveUntil(host, chip, host.end);
  for (let t = dice.between(1, 20) * HOUR; t < host.end; t += dice.between(4, 30) * HOUR) {
    host.exporterDown.push({ from: t, until: t + dice.between(20, 150) });
  }
  for (let t = dice.between(5, 40) * HOUR; t < host.end; t += dice.between(20, 60) * HOUR) {
    const end = t + dice.between(1, 5) * HOUR;
    for (let minute = t; minute < end; minute += MINUTE) {
      if (dice.chance(0.1)) host.exporterDown.push({ from: minute, until: minute + MINUTE });
    }
  }
  return host.life();
}

/** Training in a container whose PIDs the exporter cannot see: nobody can be proven dead. */
export function invisibleContainer(host: HostBuilder): HostLife {
  host.findings.push(always(host, 'TenstorrentTrackerUnreadable', undefined));
  return { ...training(host), invisible: true };
}

/** Production without tracking: chips are held, and nothing says how much of their memory. */
export function trackingOff(host: HostBuilder): HostLife {
  for (const chip of host.chips) serveUntil(host, chip, host.end);
  for (const chip of [undefined, ...host.chips]) host.findings.push(always(host, 'TenstorrentMemoryUntracked', chip));
  return host.life({ tracking: { kind: 'off' } });
}

/** A stock server's totals: no process has a number. */
export function totalsOnly(host: HostBuilder): HostLife {
  for (const chip of host.chips) serveUntil(host, chip, host.end);
  return host.life({ tracking: { kind: 'totals' }, board: 'p150a' });
}

/** Layouts up to 3 miss what other threads free: the total wanders off a little. */
export function driftingRegion(host: HostBuilder): HostLife {
  const { dice } = host;
  const drifts = host.chips.map((): Curve => {
    const points: Point[] = [[0, 0]];
    for (let t = HOUR; t < host.end; t += dice.between(0.5, 3) * HOUR) points.push([t, dice.between(0, 0.014)]);
    return lines(points);
  });
  for (const chip of host.chips) {
    // The drift is inside what the chip has.
    const dram = loadThenPreallocate(dice, -HOUR, 0.3, dice.between(0.5, 0.9));
    host.run({ from: -HOUR, until: host.end, comm: 'server' }, [chip], { dram, l1: 0.5, load: constant(0.7) });
  }
  const none = constant(0);
  return host.life({ tracking: { kind: 'region', version: '3' }, drift: (chip) => drifts[chip] ?? none });
}

/** Drained, its chips flashed and reset, the exporter stopped for a while: with the maintenance file in place. */
export function maintained(host: HostBuilder): HostLife {
  const { dice } = host;
  let from = -DAY;
  for (let t = dice.between(10, 40) * HOUR; t < host.end; t += dice.between(30, 70) * HOUR) {
    for (const chip of host.chips) serve(host, chip, from, t);
    const until = t + dice.between(1, 4) * HOUR;
    host.maintenance.push({ from: t - 5 * MINUTE, until });
    host.findings.push({ alerts: ['TenstorrentMaintenance'], chip: undefined, from: t - 6 * MINUTE, until });
    const flashed = t + 10 * MINUTE;
    for (const chip of host.chips) {
      const back = flashed + dice.between(5, 40) * MINUTE;
      host.chipStates.push({ chip, from: flashed, until: back, state: chip % 2 === 0 ? 'unreachable' : 'no_driver' });
    }
    host.exporterDown.push({ from: flashed + 45 * MINUTE, until: flashed + 48 * MINUTE });
    from = until + MINUTE;
  }
  for (const chip of host.chips) serve(host, chip, from, host.end);
  return host.life();
}

function serve(host: HostBuilder, chip: number, from: number, until: number): void {
  const dram = loadThenPreallocate(host.dice, from, 0.4, host.dice.between(0.7, 0.97));
  host.run({ from, until, comm: 'server' }, [chip], { dram, l1: 0.8, load: constant(0.8) });
}

function always(host: HostBuilder, alert: string, chip: number | undefined) {
  return { alerts: [alert], chip, from: 0, until: host.end };
}
