import assert from 'node:assert/strict';
import { it } from 'node:test';
import { soak } from './soak.ts';

it('on a host in turmoil every page is valid and every number right, and nothing is left at the end', async () => {
  const { wrong, pages, byFormat, compared, promtool, events, hostileVisits, readersKilled } = await soak({
    seconds: 13,
    rate: 10,
    seed: 1,
    eventMs: 100,
    stateMs: 600,
    hostileMs: 4000,
    killReaderMs: 1000,
    promtoolEach: 40,
    reportMs: 60_000,
    log: () => undefined,
  });
  assert.deepEqual(wrong, []);
  assert.ok(
    pages > 60 && compared > 50 * pages && promtool > 0 && hostileVisits > 0 && readersKilled > 0,
    JSON.stringify({ pages, compared, promtool, hostileVisits, readersKilled }),
  );
  assert.deepEqual(Object.keys(byFormat).sort(), ['openmetrics', 'text']);
  for (const event of ['kill', 'block']) assert.ok((events[event] ?? 0) > 0, JSON.stringify(events));
});
