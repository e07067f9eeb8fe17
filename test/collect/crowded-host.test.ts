import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CountedCalls } from '../support/counted-calls.ts';
import { CrowdedHost } from '../support/crowded-host.ts';

const PROCESSES = 2000;
const WRITERS = 64;
/** More than in which every holder is looked for once. */
const SCRAPES = 20;

interface Cost {
  /** Calls of the filesystem in the first scrape, which looks through everybody. */
  readonly first: number;
  /** Calls in each of the further ones. */
  readonly further: readonly number[];
  readonly listings: number;
}

async function costOf(others: number): Promise<Cost> {
  await using host = await CrowdedHost.create({ writers: WRITERS, others });
  using calls = new CountedCalls();
  await host.collect();
  const first = calls.total;
  const further: number[] = [];
  let listings = 0;
  for (let scrape = 0; scrape < SCRAPES; scrape += 1) {
    host.pass();
    calls.reset();
    const { devices, processes } = await host.collect();
    assert.deepEqual([devices[0]?.memory?.processes?.length, processes.length], [WRITERS, WRITERS]);
    assert.ok(processes.every(({ pid, alive }) => !pid.startsWith('?') && alive === true));
    further.push(calls.total);
    listings += calls.counts.get('readdirSync') ?? 0;
  }
  return { first, further, listings };
}

it(`a scrape of a host with ${PROCESSES} processes of which ${WRITERS} matter reads at most twice what it reads without the others`, async (t) => {
  const alone = await costOf(0);
  const crowded = await costOf(PROCESSES - WRITERS);
  t.diagnostic(`calls of a scrape: ${alone.further.join()} alone, ${crowded.further.join()} in the crowd`);
  // The first one has to look at everybody: that this is counted shows that the rest would be.
  assert.ok(crowded.first - alone.first > 10 * (PROCESSES - WRITERS), `${alone.first}, ${crowded.first}`);
  for (const [scrape, calls] of crowded.further.entries()) {
    assert.ok(calls <= 2 * (alone.further[scrape] ?? 0), `${calls} calls in scrape ${scrape}`);
  }
  assert.ok(crowded.listings <= alone.listings, 'folders are listed that the others are in');
});
