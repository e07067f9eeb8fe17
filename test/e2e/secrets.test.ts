import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { startExporter } from '../support/start-exporter.ts';

it('headers of OTLP are in no log and on no page, whatever goes wrong with the push', async () => {
  const host = await createSimulatedHost('n150');
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20s3cret,x-token=s3cret',
    OTEL_METRIC_EXPORT_INTERVAL: '500',
    OTEL_METRIC_EXPORT_TIMEOUT: '400',
  };
  const exporter = await startExporter(['--log.level=debug', ...host.flags()], { env });
  try {
    await exporter.waitForLine(/level=(?:warn|error) .*(?:127\.0\.0\.1|ECONNREFUSED|[Pp]ush|OTLP)/);
    const { body } = await exporter.scrape();
    assert.equal(await exporter.stop(), 0);
    assert.ok(!exporter.stderr().includes('s3cret'), exporter.stderr());
    assert.ok(!body.includes('s3cret'));
  } finally {
    await exporter.stop();
    await host.close();
  }
});
