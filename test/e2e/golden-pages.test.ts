import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOST_KINDS } from '../../src/simulator/host-kinds.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { assertGolden } from '../support/golden.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { checkMetrics, readOpenMetrics } from '../support/promtool.ts';
import { startExporter } from '../support/start-exporter.ts';

const OPENMETRICS = { accept: 'application/openmetrics-text; version=1.0.0' };

/** The families of the exporter's own program are different on every run, and so is how long something took. */
function comparable(page: string): string {
  const own = /^(?:# (?:HELP|TYPE) )?(?:process_|nodejs_|tt_exporter_(?:build_info|scrape|config_|series))/u;
  return page
    .split('\n')
    .filter((line) => !own.test(line))
    .map((line) => line.replace(/^(tt_exporter_collector_duration_seconds\{[^}]*\}) .*$/u, '$1 0.001'))
    .join('\n');
}

describe('the page of a host, byte for byte:', () => {
  for (const kind of HOST_KINDS) {
    it(kind, async () => {
      const host = await createSimulatedHost(kind, { bootTime: BOOT_TIME });
      populateHost(host);
      const exporter = await startExporter([...host.flags(), '--web.disable-exporter-metrics'], {
        env: host.faultsEnvironment(),
      });
      try {
        const text = await exporter.scrape();
        const open = await exporter.scrape('/metrics', OPENMETRICS);
        assert.deepEqual([text.status, open.status], [200, 200]);
        assertGolden(`${kind}.txt`, comparable(text.body));
        const lint = await checkMetrics(Buffer.from(text.body));
        assert.deepEqual(lint, { exitCode: 0, output: '' });
        const parsed = await readOpenMetrics(Buffer.from(open.body));
        assert.equal(parsed.exitCode, 0, parsed.output);
        assert.deepEqual(sampleNames(open.body, 'openmetrics'), sampleNames(text.body, 'text'));
      } finally {
        await exporter.stop();
        await host.close();
      }
    });
  }
});

/** Both formats show the same samples. */
function sampleNames(page: string, format: 'text' | 'openmetrics'): string[] {
  return parseExposition(Buffer.from(page), format).flatMap((family) =>
    family.samples.map(({ name, labels }) =>
      `${name}${JSON.stringify(labels)}`.replace(/"le":"(\d+)\.0"/u, '"le":"$1"'),
    ),
  );
}
