import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ARCHETYPES } from './archetypes.ts';
import { measureQuality } from './measure.ts';
import { failures } from './score.ts';
import { tableOf } from './table.ts';

/** A small share of `npm run quality:alerts`: 230 chip-days, the same each time. */
const SHARE = { archetypes: [...ARCHETYPES.keys()], chips: 2, days: 5, seed: 1, scrapeSeconds: 120 };

it('the alerts find the leaks of simulated hosts and keep quiet otherwise', async () => {
  const result = await measureQuality([SHARE]);
  assert.ok(result.total.chipDays >= 200, `${result.total.chipDays} chip-days`);
  assert.deepEqual(failures(result), [], [tableOf(result), ...result.complaints].join('\n'));
});
