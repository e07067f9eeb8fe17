import { readFileSync, writeFileSync } from 'node:fs';
import { withFlags } from './readme-flags.ts';

const README = new URL('../../README.md', import.meta.url);
writeFileSync(README, await withFlags(readFileSync(README, 'utf8')));
