import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { TestContext } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { silentLog } from '../../src/log/log.ts';
import { createMetricProducer } from '../../src/otel/library.ts';
import { PrometheusText } from '../../src/otel/prometheus-text.ts';
import { SampleProducer } from '../../src/otel/producer.ts';
import { startPush } from '../../src/otel/push.ts';
import { FAMILIES } from '../../src/metrics/catalogue.ts';
import { decodeSampleTable, encodeSampleTable } from '../../src/samples/codec.ts';
import { drawSamples } from '../../src/samples/draw-samples.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { eventually } from '../support/eventually.ts';
import { bareDevice, bareMemory, bareProcess, bareSnapshot, memoryOf } from '../support/rich-snapshot.ts';
import { startHttpReceiver } from './otlp-receiver.ts';

const PIDS = 500;
const SCRAPES = 50;

/** A host on which all processes are others than before. */
function hostAt(scrape: number): Snapshot {
  const pids = pidsAt(scrape).map(String);
  const processes = pids.map((pid, at) => ({ pid, bytes: memoryOf({ dram: 4096 + at }), detail: undefined }));
  return bareSnapshot({
    devices: [bareDevice('0', { memory: bareMemory({ totals: memoryOf({ dram: 1e9 }), processes }) })],
    processes: pids.map((pid) => bareProcess(pid, { comm: 'python3', containerId: `c${pid}`, alive: true })),
  });
}

function pidsAt(scrape: number): number[] {
  return Array.from({ length: PIDS }, (_, at) => 10_000 + scrape * PIDS + at);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is in use, in MB, when nothing is left to be thrown away. */
function usedMegabytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}

describe(`${PIDS} new processes a scrape, ${SCRAPES} times`, () => {
  it('are all there while they live, and not afterwards; the memory stays', async () => {
    let scrape = 0;
    const read = () => Promise.resolve(decodeSampleTable(encodeSampleTable(drawSamples(hostAt(scrape), FAMILIES))));
    const text = new PrometheusText(new SampleProducer({ read }), resourceFromAttributes({}));
    const producer = createMetricProducer(() => Promise.resolve(hostAt(scrape)));
    const used: number[] = [];
    for (; scrape < SCRAPES; scrape++) {
      const { resourceMetrics, errors } = await producer.collect();
      assert.deepEqual(errors, []);
      const [metric] = resourceMetrics.scopeMetrics[0]?.metrics ?? [];
      const points = metric?.dataPoints.map(({ attributes }) => [
        attributes['process.pid'],
        attributes['container.id'],
      ]);
      assert.deepEqual(
        points,
        pidsAt(scrape).map((pid) => [pid, `c${pid}`]),
      );
      const page = await text.draw(1000);
      const shown = Array.from(page.matchAll(/^tenstorrent_process_dram_usage\{.*process_pid="(\d+)"/gm), ([, pid]) =>
        Number(pid),
      );
      assert.deepEqual(shown, pidsAt(scrape));
      used.push(usedMegabytes());
    }
    const growth = (used.at(-1) ?? NaN) - (used[9] ?? NaN);
    assert.ok(growth < 2, `${growth} MB more after ${SCRAPES} scrapes than after 10`);
  });
});

describe('a collector that takes nothing', () => {
  for (const answer of [503, 'silence'] as const) {
    it(`costs no memory where its answer is ${answer}`, async (t: TestContext) => {
      let readings = 0;
      const receiver = await startHttpReceiver(t, () => {
        // What was received is the test's own memory.
        (receiver.requests as unknown[]).length = 0;
        return answer;
      });
      process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
      t.after(() => delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT']);
      const read = () => Promise.resolve(drawSamples(hostAt(readings++), FAMILIES));
      const push = await startPush({
        settings: {
          protocol: 'http/protobuf',
          endpoint: receiver.url,
          temporality: 'cumulative',
          intervalMs: 20,
          timeoutMs: 20,
          requestTimeoutMs: 20,
        },
        producer: new SampleProducer({ read }),
        resource: resourceFromAttributes({}),
        log: silentLog,
        clean: (text) => text,
      });
      // A push that is under way holds its points: the least of several times is what stays.
      const leastUsed = async (from: number): Promise<number> => {
        const used: number[] = [];
        for (let push = from; push < from + 10; push++) {
          await eventually(`${push} pushes`, () => readings > push, 60);
          used.push(usedMegabytes());
        }
        return Math.min(...used);
      };
      const before = await leastUsed(10);
      const growth = (await leastUsed(60)) - before;
      assert.ok(growth < 3, `${growth} MB more after 50 pushes`);
      await push.stop();
    });
  }
});
