import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { withFlags } from './readme-flags.ts';

it('the README has the flags that the program has; npm run docs writes them', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  assert.equal(readme, await withFlags(readme));
});
