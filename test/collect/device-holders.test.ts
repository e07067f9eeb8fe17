import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCollector } from '../../src/collect/collector.ts';
import type { Collector } from '../../src/collect/types.ts';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { defaultSettings } from '../../src/flags/parse.ts';
import { createInlineLaneReader } from '../../src/io/inline-lane-reader.ts';
import type { HolderProcess, Source, SourceContext } from '../../src/sources/source.ts';
import { procfs, region } from '../support/readings.ts';

const HOLDER: HolderProcess = { path: '/proc/7', pid: 7, startTicks: 1, mountNamespace: 2 };
const REGION = region(5n, { dram: 1 }, []);

/** Keeps the contexts that it is started with, and is over when the test says so. */
class HeldSource implements Source<unknown> {
  readonly name: string;
  readonly contexts: SourceContext[] = [];
  readonly #data: unknown;
  #end = Promise.withResolvers<undefined>();

  constructor(name: string, data: unknown) {
    this.name = name;
    this.#data = data;
  }

  get context(): SourceContext {
    const context = this.contexts.at(-1);
    assert.ok(context !== undefined);
    return context;
  }

  start(context: SourceContext) {
    this.contexts.push(context);
    this.#end = Promise.withResolvers();
    const state = () => ({ outcome: 'ok' as const, data: this.#data, errors: [], durationSeconds: 0 });
    return { done: this.#end.promise.then(() => undefined), state };
  }

  finish(): void {
    this.#end.resolve(undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function held(collectors = ['shared_memory', 'procfs', 'sysfs']) {
  const sources = {
    regions: new HeldSource('shared_memory', { regions: [REGION] }),
    procfs: new HeldSource('procfs', procfs({})),
    sysfs: new HeldSource('sysfs', { driverVersion: undefined, cards: [] }),
  };
  const collector = await createCollector(
    { ...collectorConfig(defaultSettings()), collectors },
    { lanes: createInlineLaneReader(), sources: () => Object.values(sources) },
  );
  const finishAll = () => {
    for (const source of Object.values(sources)) source.finish();
  };
  return { collector, ...sources, finishAll };
}

function scrape(collector: Collector, milliseconds = 5000, collectors?: readonly string[]) {
  return collector.collect({ collectors, deadlineAt: performance.now() + milliseconds });
}

test('the region source hears who holds a device before procfs is over, and procfs then hears of the regions', async () => {
  const { collector, regions, procfs: processes, finishAll } = await held();
  const answer = scrape(collector);
  processes.context.tellDeviceHolders?.([HOLDER]);
  processes.context.tellDeviceHolders?.([]);
  assert.deepEqual(await regions.context.deviceHolders, [HOLDER]);
  regions.finish();
  assert.deepEqual(
    (await processes.context.wantedFiles).map(({ file }) => file),
    [REGION.file],
  );
  finishAll();
  await answer;
  await collector.close();
});

test('nobody holds a device for the region source where procfs is switched off', async () => {
  const { collector, regions, finishAll } = await held(['shared_memory', 'sysfs']);
  const answer = scrape(collector);
  assert.deepEqual(await regions.context.deviceHolders, []);
  finishAll();
  await answer;
  await collector.close();
});

test('nobody does where procfs ends without a word', async () => {
  const { collector, regions, procfs: processes, finishAll } = await held();
  const answer = scrape(collector);
  processes.finish();
  assert.deepEqual(await regions.context.deviceHolders, []);
  finishAll();
  await answer;
  await collector.close();
});

test('nobody does where procfs has not come back from the scrape before', async () => {
  const { collector, regions, procfs: processes, sysfs, finishAll } = await held();
  const first = scrape(collector, 30);
  regions.finish();
  sysfs.finish();
  await first;
  const second = scrape(collector);
  assert.deepEqual([processes.contexts.length, regions.contexts.length], [1, 2]);
  assert.deepEqual(await regions.context.deviceHolders, []);
  finishAll();
  await second;
  await collector.close();
});

test('a scrape of telemetry alone does not tell procfs that there are no regions', async () => {
  const { collector, regions, procfs: processes, finishAll } = await held();
  const telemetry = scrape(collector, 5000, ['sysfs']);
  const memory = scrape(collector);
  processes.context.tellDeviceHolders?.([HOLDER]);
  assert.deepEqual(await regions.context.deviceHolders, [HOLDER]);
  regions.finish();
  assert.equal((await processes.context.wantedFiles).length, 1);
  finishAll();
  await Promise.all([telemetry, memory]);
  await collector.close();
});
