import { DAY, HOUR } from './life.ts';
import { HostObserver } from './observe.ts';
import type { WriteSeries } from './remote-write.ts';
import { ScrapedHost } from './scraped-host.ts';
import type { Wanted } from './scraped-host.ts';
import type { World } from './world.ts';

/** Series are handed over after so much of the world's time. */
const CHUNK_SECONDS = 6 * HOUR;

/** What a Prometheus would have of a world after its end, some hours at a time. Only what is wanted. */
export function* historyOf(world: World, wanted: Wanted): Generator<WriteSeries[]> {
  const { epoch, scrapeSeconds } = world;
  const scraped = world.hosts.map(({ life, target }) => ({
    observer: new HostObserver(life, epoch),
    host: new ScrapedHost(target, wanted),
  }));
  const end = world.days * DAY;
  for (let from = 0; from < end; from += CHUNK_SECONDS) {
    for (const { observer, host } of scraped) {
      for (let t = from; t < Math.min(from + CHUNK_SECONDS, end); t += scrapeSeconds) {
        host.scrape(observer.at(t), (epoch + t) * 1000);
      }
    }
    yield scraped.flatMap(({ host }) => host.take());
  }
}
