import assert from 'node:assert/strict';
import { it } from 'node:test';
import { soak } from './soak.ts';

it('among clients that die and others that send rubbish no total is wrong and nothing is left behind', async () => {
  const result = await soak({ seconds: 5, clients: 9, fuzzers: 3, reports: 500, log: () => undefined });
  const { rounds, died, fuzzed, descriptors } = result;
  assert.ok(rounds > 0 && died > 0 && fuzzed > 0, JSON.stringify(result));
  const [before, after] = descriptors;
  assert.ok(after <= before, `${after} descriptors, where there were ${before}`);
});
