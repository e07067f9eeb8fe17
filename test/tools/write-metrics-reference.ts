import { writeFile } from 'node:fs/promises';
import { metricsReference } from '../../src/metrics/reference.ts';

// Writes METRICS.md from the catalogue: part of `npm run docs`.
await writeFile(new URL('../../METRICS.md', import.meta.url), metricsReference());
