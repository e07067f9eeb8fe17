/**
 * Collects, in turn, from a host of 64 processes that hold a chip and from one where they are among 2,000. Prints
 * CrowdResult as JSON.
 *
 *     node crowd-program.ts ROUNDS
 */
import { CrowdedHost } from '../support/crowded-host.ts';
import { endWithParent } from './end-with-parent.ts';
import { median } from './statistics.ts';

/** Milliseconds of a collection, the median of each round. */
export interface CrowdResult {
  readonly aloneMs: readonly number[];
  readonly crowdedMs: readonly number[];
}

const WRITERS = 64;
const PROCESSES = 2000;
const WARM_UP = 2;
const COLLECTIONS_A_ROUND = 20;
endWithParent();

async function round(host: CrowdedHost): Promise<number> {
  const times: number[] = [];
  for (let collection = 0; collection < COLLECTIONS_A_ROUND; collection += 1) {
    host.pass();
    const start = performance.now();
    await host.collect();
    times.push(performance.now() - start);
  }
  return median(times);
}

async function compare(rounds: number): Promise<CrowdResult> {
  await using alone = await CrowdedHost.create({ writers: WRITERS, others: 0 });
  await using crowded = await CrowdedHost.create({ writers: WRITERS, others: PROCESSES - WRITERS });
  const result = { aloneMs: [] as number[], crowdedMs: [] as number[] };
  for (let number = -WARM_UP; number < rounds; number += 1) {
    const times = { aloneMs: await round(alone), crowdedMs: await round(crowded) };
    if (number < 0) continue;
    result.aloneMs.push(times.aloneMs);
    result.crowdedMs.push(times.crowdedMs);
  }
  return result;
}

console.log(JSON.stringify(await compare(Number(process.argv[2]))));
process.exit();
