import { getOnce } from '../support/get-once.ts';
import type { Answer } from '../support/get-once.ts';

/** What a scraper that asks like Prometheus gets. */
export interface Page extends Answer {
  readonly milliseconds: number;
}

/** A GET on a connection of its own, compressed. Rejects where no whole answer comes. */
export async function getPage(url: string, timeoutSeconds?: number): Promise<Page> {
  const start = performance.now();
  const headers = timeoutSeconds === undefined ? {} : { 'x-prometheus-scrape-timeout-seconds': `${timeoutSeconds}` };
  const answer = await getOnce(url, headers);
  return { ...answer, milliseconds: performance.now() - start };
}
