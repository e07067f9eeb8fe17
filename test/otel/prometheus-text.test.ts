import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { FAMILIES_WITH_USER } from '../../src/metrics/catalogue.ts';
import { PrometheusText } from '../../src/otel/prometheus-text.ts';
import { SampleProducer } from '../../src/otel/producer.ts';
import { instanceId } from '../../src/otel/resource.ts';
import { drawSamples } from '../../src/samples/draw-samples.ts';
import { checkMetrics } from '../support/promtool.ts';
import { richSnapshot } from '../support/rich-snapshot.ts';

const RESOURCE = resourceFromAttributes({ 'service.name': 'tenstorrent-exporter' });

describe('the page that the official exporter draws', () => {
  it('pleases promtool, of a host of which everything is known', async () => {
    const table = drawSamples(richSnapshot(), FAMILIES_WITH_USER);
    const text = await new PrometheusText(new SampleProducer({ read: () => Promise.resolve(table) }), RESOURCE).draw(
      1000,
    );
    assert.deepEqual(await checkMetrics(Buffer.from(text)), { exitCode: 0, output: '' });
  });

  it('is made once for all who ask at the same time, and anew for the next', async () => {
    let readings = 0;
    const gate = Promise.withResolvers<undefined>();
    const read = async () => {
      readings++;
      await gate.promise;
      return drawSamples(richSnapshot(), FAMILIES_WITH_USER);
    };
    const page = new PrometheusText(new SampleProducer({ read }), RESOURCE);
    const asked = [page.draw(1000), page.draw(1000)];
    gate.resolve(undefined);
    const [first, second] = await Promise.all(asked);
    assert.equal(first, second);
    assert.equal(readings, 1);
    await page.draw(1000);
    assert.equal(readings, 2);
  });

  it('is none where nothing could be read', async () => {
    const page = new PrometheusText(
      new SampleProducer({ read: () => Promise.reject(new Error('the reader ended')) }),
      RESOURCE,
    );
    await assert.rejects(page.draw(1000), { message: 'nothing could be read', cause: new Error('the reader ended') });
  });
});

describe('service.instance.id', () => {
  it('is a UUID that is the same on one host at all times, and another one on another', () => {
    assert.match(instanceId('a/b'), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(instanceId('a/b'), instanceId('a/b'));
    assert.notEqual(instanceId('a/b'), instanceId('a/c'));
  });
});
