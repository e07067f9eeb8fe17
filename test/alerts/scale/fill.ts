import { HostBuilder, constant } from '../quality/builder.ts';
import { Dice } from '../quality/dice.ts';
import { write } from '../quality/evaluate.ts';
import { DAY, MINUTE } from '../quality/life.ts';
import { HostObserver } from '../quality/observe.ts';
import type { WriteSeries } from '../quality/remote-write.ts';
import { ScrapedHost } from '../quality/scraped-host.ts';
import type { Wanted } from '../quality/scraped-host.ts';

export interface FleetPlan {
  readonly hosts: number;
  readonly chips: number;
  /** On each chip. */
  readonly processes: number;
}

/** Hosts that are thought up; the others are these again under names of their own. */
const DISTINCT = 25;
/** Scrapes whose samples are written together. */
const SCRAPES_PER_WRITE = 32;
/** The world of a host begins a day before the first of its processes is looked at. */
const AGE = DAY;

/**
 * Writes what a Prometheus would have of a fleet that was scraped at these times (seconds since the epoch, rising);
 * processes hold memory that moves a little.
 */
export async function fillFleet(url: string, plan: FleetPlan, wanted: Wanted, times: readonly number[]): Promise<void> {
  const [first = 0] = times;
  const hosts = Array.from({ length: Math.min(DISTINCT, plan.hosts) }, (_, host) => ({
    observer: new HostObserver(lifeOf(plan, host), first - AGE),
    scraped: new ScrapedHost({ cluster: 'scale', job: 'tenstorrent', instance: '' }, wanted),
    names: namesOf(plan, host),
  }));
  for (let at = 0; at < times.length; at += SCRAPES_PER_WRITE) {
    for (const { observer, scraped, names } of hosts) {
      for (const time of times.slice(at, at + SCRAPES_PER_WRITE)) {
        scraped.scrape(observer.at(time - first + AGE), time * 1000);
      }
      const series = scraped.take();
      for (const name of names)
        await write(
          url,
          series.map((one) => named(one, name)),
        );
    }
  }
}

/** Those that the same is said of. */
function namesOf({ hosts }: FleetPlan, host: number): string[] {
  return Array.from({ length: hosts }, (_, index) => index)
    .filter((index) => index % DISTINCT === host)
    .map((index) => `host-${index}:10072`);
}

function named(series: WriteSeries, instance: string): WriteSeries {
  const labels = [...series.labels, ['instance', instance] as const].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...series, labels };
}

function lifeOf({ chips, processes }: FleetPlan, host: number) {
  const builder = new HostBuilder(new Dice(host + 1), chips, 2);
  for (const chip of builder.chips) {
    for (let i = 0; i < processes; i++) {
      const share = builder.dice.between(0.05, 0.95 / processes);
      const wave = builder.dice.between(MINUTE, 10 * MINUTE);
      builder.run({ from: -3 * DAY, until: 9 * DAY, comm: 'server' }, [chip], {
        dram: (seconds) => share * (0.95 + 0.05 * Math.sin(seconds / wave)),
        l1: 0.15,
        load: constant(0.8),
      });
    }
  }
  return builder.life();
}
