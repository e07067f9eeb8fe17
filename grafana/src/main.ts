/** `npm run dashboards`: writes grafana/dashboards/*.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allDashboards } from './dashboards.ts';
import { readLimits } from './parts/limits.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(import.meta.dirname, '..', 'dashboards') },
    thresholds: { type: 'string' },
  },
});
mkdirSync(values.out, { recursive: true });
for (const [name, dashboard] of allDashboards(readLimits(values.thresholds))) {
  writeFileSync(join(values.out, `${name}.json`), `${JSON.stringify(dashboard, null, 2)}\n`);
}
