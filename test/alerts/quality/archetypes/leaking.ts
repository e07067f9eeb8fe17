import { constant, traffic } from '../builder.ts';
import type { HostBuilder } from '../builder.ts';
import { SHARE_OF_BUFFERS } from '../chip-memory.ts';
import type { Curve, Point } from '../curve.ts';
import { lines, steps } from '../curve.ts';
import { HOUR, MINUTE } from '../life.ts';
import type { HostLife, Leak } from '../life.ts';

/** What may be said of a chip on which something leaks. */
export const LEAK_ALERTS = [
  'TenstorrentProcessMemoryGrowing',
  'TenstorrentMemoryExhaustionPredicted',
  'TenstorrentMemoryAlmostFull',
] as const;
export const ORPHAN_ALERTS = ['TenstorrentMemoryOrphaned', ...LEAK_ALERTS] as const;

/** Seconds until a process has what it works with. */
const LOADING = 6 * MINUTE;
/** A leak has to last so long to count. */
const SHORTEST = 6 * HOUR;

/** 1 to 3 % of DRAM an hour. */
export function slowLeak(host: HostBuilder): HostLife {
  for (const chip of host.chips) leakOften(host, chip, [0.01, 0.03]);
  return host.life();
}

/** 5 to 60 % of DRAM an hour. */
export function fastLeak(host: HostBuilder): HostLife {
  for (const chip of host.chips) leakOften(host, chip, [0.05, 0.6]);
  return host.life({ tracking: { kind: 'region', version: '3' } });
}

/** A leak that only a stock server's totals show. */
export function leakInTotals(host: HostBuilder): HostLife {
  for (const chip of host.chips) leakOften(host, chip, [0.01, 0.2]);
  return host.life({ tracking: { kind: 'totals' } });
}

/** A version that leaks is rolled out, and mended after a while; again and again. */
function leakOften(host: HostBuilder, chip: number, [low, high]: readonly [number, number]): void {
  const { dice } = host;
  for (let from = dice.between(0, 8) * HOUR; from < host.end;) {
    const rate = low * (high / low) ** dice.between(0, 1);
    const base = dice.between(0.15, 0.4);
    const onset = dice.chance(0.5) ? from + LOADING : from + dice.between(1, 20) * HOUR;
    const mended = Math.min(onset + dice.between(12, 30) * HOUR, host.end);
    crashWhenFull(host, chip, { from, onset, mended, base, rate });
    noteLeak(host, LEAK_ALERTS, { chip, from: onset, until: mended, rate });
    from = mended + 5 * MINUTE;
    const healthy = Math.min(from + dice.between(10, 30) * HOUR, host.end);
    const dram = lines([
      [from, 0.01],
      [from + 5 * MINUTE, base],
    ]);
    const holding = { dram, l1: 0.4, load: constant(0.5) };
    if (healthy > from) host.run({ from, until: healthy, comm: 'mended' }, [chip], holding);
    from = healthy + MINUTE;
  }
}

/** Adds a leak, unless the end of the world cuts it short: that is no case. */
function noteLeak(host: HostBuilder, alerts: readonly string[], leak: Leak): void {
  if (leak.until - leak.from >= SHORTEST) host.leaks.push(leak);
  host.findings.push({ alerts, chip: leak.chip, from: leak.from, until: leak.until });
}

/** The version that leaks. Shares of DRAM, the rate an hour. */
interface LeakyVersion {
  readonly from: number;
  /** When it begins to leak. */
  readonly onset: number;
  readonly mended: number;
  readonly base: number;
  readonly rate: number;
}

/** Its processes, one after the other: each ends when the chip is full. */
function crashWhenFull(host: HostBuilder, chip: number, version: LeakyVersion): void {
  const { onset, mended, base, rate } = version;
  for (let start = version.from; start < mended;) {
    const full = Math.max(onset, start + LOADING) + ((0.98 - base) / rate) * HOUR;
    const until = Math.min(full, mended);
    host.run({ from: start, until, comm: 'leaky' }, [chip], {
      dram: leaking(host, { start, onset, until, base, rate }),
      l1: 0.4,
      load: traffic(host.dice, start, until),
    });
    start = until + host.dice.between(1, 4) * MINUTE;
  }
}

interface LeakyRun {
  readonly start: number;
  readonly onset: number;
  readonly until: number;
  readonly base: number;
  readonly rate: number;
}

/** Requests take some and give it back, but for a part of some of them. */
function leaking({ dice }: HostBuilder, { start, onset, until, base, rate }: LeakyRun): Curve {
  const begin = Math.max(onset, start + LOADING);
  const floor: Point[] = [
    [start, 0.01],
    [start + LOADING, base],
  ];
  const every = dice.between(2, 12) * MINUTE;
  let lost = 0;
  for (let t = begin + every; t < until; t += every) {
    lost += (rate * every * dice.between(0.5, 1.5)) / HOUR;
    floor.push([t, base + lost]);
  }
  const requests: Point[] = [];
  for (let t = start + LOADING; t < until; t += 4 * MINUTE) requests.push([t, dice.between(0, 0.015)]);
  const kept = steps(floor);
  const lent = steps(requests);
  return (t) => Math.min(0.995, kept(t) + lent(t));
}

/** Of a chip's L1. */
const WORKER_L1 = 0.02;
const REGION_SLOTS = 64;

/** A pool whose workers are killed now and then, each with what it holds. */
export function killedWorkers(host: HostBuilder): HostLife {
  const { dice } = host;
  for (const chip of host.chips) {
    for (let from = dice.between(0.5, 10) * HOUR; from < host.end;) {
      const cleanedAt = Math.min(from + dice.between(10, 30) * HOUR, host.end);
      const rate = dice.between(0.01, 0.06);
      const every = dice.between(15, 60) * MINUTE;
      const share = (rate * every) / HOUR;
      let first: number | undefined;
      for (let start = from; start < cleanedAt && share * ((start - from) / every) < 0.85; start += every) {
        const until = Math.min(start + every, cleanedAt);
        const dram = steps([
          [start, 0.002],
          [start + 20, share],
        ]);
        host.run({ from: start, until, comm: 'worker', cleanedAt }, [chip], {
          dram,
          l1: WORKER_L1,
          load: constant(0.5),
        });
        if (until < cleanedAt) first ??= until;
      }
      if (first !== undefined) noteLeak(host, ORPHAN_ALERTS, { chip, from: first, until: cleanedAt, rate });
      noteFullBooks(host, chip, { from, every, until: cleanedAt });
      from = cleanedAt + dice.between(2, 30) * HOUR;
    }
  }
  return host.life({ tracking: { kind: 'region', version: '3' } });
}

/** So many dead workers hold more L1 than there is, and at last every slot: to say so is right, where they get so many. */
function noteFullBooks(
  host: HostBuilder,
  chip: number,
  { from, every, until }: { readonly from: number; readonly every: number; readonly until: number },
): void {
  const isOver = Math.floor(1 / (WORKER_L1 * SHARE_OF_BUFFERS));
  const startOf = (worker: number) => from + worker * every;
  const note = (alert: string, begins: number) => {
    if (begins < until) host.findings.push({ alerts: [alert], chip, from: begins, until });
  };
  note('TenstorrentMemoryOverCapacity', startOf(isOver));
  note('TenstorrentRegionSlotsExhausted', startOf(REGION_SLOTS - 1));
}
