import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { SHARED_MS } from '../../src/collect/collection.ts';
import { createCollector } from '../../src/collect/collector.ts';
import type { CollectorConfig } from '../../src/collect/types.ts';
import { createInlineLaneReader } from '../../src/io/inline-lane-reader.ts';
import type { Outcome, ReadError, Source, SourceContext, SourceState } from '../../src/sources/source.ts';
import { card, procfs, region, server, serverDevice, serverProcess } from '../support/readings.ts';
import { fakeProc } from '../sources/procfs/proc-fixture.ts';

/** A source that is over when the test says so. */
class FakeSource implements Source<unknown> {
  readonly name: string;
  readonly contexts: SourceContext[] = [];
  readonly #data: unknown;
  #end = Promise.withResolvers<undefined>();
  #outcome: Outcome | undefined;
  errors: ReadError[] = [];
  closed = false;

  constructor(name: string, data: unknown) {
    this.name = name;
    this.#data = data;
  }

  start(context: SourceContext) {
    this.contexts.push(context);
    this.#outcome = undefined;
    this.#end = Promise.withResolvers<undefined>();
    const state = (): SourceState<unknown> => ({
      outcome: this.#outcome,
      data: this.#outcome === 'ok' ? this.#data : undefined,
      errors: this.errors,
      durationSeconds: 0.25,
    });
    return { done: this.#end.promise.then(() => undefined), state };
  }

  finish(outcome: Outcome = 'ok'): void {
    this.#outcome = outcome;
    this.#end.resolve(undefined);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

const CONFIG: CollectorConfig = {
  sysfsPath: '/nowhere',
  pcieCounters: false,
  procfsPath: '/nowhere',
  shmPath: '/nowhere',
  podLogsPath: '/nowhere',
  podResourcesSocket: undefined,
  socketPath: '/nowhere',
  socketOwner: undefined,
  collectors: ['allocation_server', 'shared_memory', 'sysfs', 'procfs'],
  memorySource: 'auto',
  processDetail: 'pid',
  processUser: false,
  maxProcesses: 64,
  capacityConfigFile: undefined,
  devicesExpected: undefined,
  maintenanceFile: undefined,
};

const N150 = card({ index: 0, arch: 'wormhole', board: 'n150', serial: 0x010001861180b479n });
const REGION = region(0x010001861180b479n, { dram: 5 }, []);

async function fakes(config: Partial<CollectorConfig> = {}, reading = server([serverDevice(0, { dram: 4 })])) {
  const sources = {
    allocation_server: new FakeSource('allocation_server', reading),
    shared_memory: new FakeSource('shared_memory', { regions: [REGION] }),
    sysfs: new FakeSource('sysfs', { driverVersion: '2.10.0', cards: [N150] }),
    procfs: new FakeSource('procfs', procfs({})),
  };
  const reported: string[] = [];
  const collector = await createCollector(
    { ...CONFIG, ...config },
    {
      lanes: createInlineLaneReader(),
      sources: () => Object.values(sources),
      onError: (name, error) => reported.push(`${name} ${error.reason}`),
    },
  );
  const finishAll = () => {
    for (const source of Object.values(sources)) source.finish();
  };
  return { collector, sources, reported, finishAll };
}

const soon = (ms: number) => performance.now() + ms;

describe('a collection', () => {
  it('is shared by scrapes that come while it goes on, and made anew afterwards', async () => {
    const { collector, sources, finishAll } = await fakes();
    const first = collector.collect({ collectors: undefined, deadlineAt: soon(5000) });
    const second = collector.collect({ collectors: undefined, deadlineAt: soon(5000) });
    finishAll();
    const [one, two] = await Promise.all([first, second]);
    assert.equal(sources.sysfs.contexts.length, 1);
    assert.equal(one.takenAtSeconds, two.takenAtSeconds);
    assert.deepEqual(one, two);
    const third = collector.collect({ collectors: undefined, deadlineAt: soon(5000) });
    finishAll();
    await third;
    assert.equal(sources.sysfs.contexts.length, 2);
    await collector.close();
    assert.equal(sources.sysfs.closed, true);
  });

  it('answers each scrape at its own deadline with what is there by then', async () => {
    const { collector, sources } = await fakes();
    const patient = collector.collect({ collectors: undefined, deadlineAt: soon(60_000) });
    const hasty = collector.collect({ collectors: undefined, deadlineAt: soon(30) });
    for (const name of ['sysfs', 'shared_memory', 'procfs'] as const) sources[name].finish();
    const early = await hasty;
    assert.deepEqual(
      early.collectors.map(({ name, outcome }) => `${name} ${outcome}`),
      ['allocation_server running', 'shared_memory ok', 'sysfs ok', 'procfs ok'],
    );
    assert.equal(early.allocationServer?.up, false);
    sources.allocation_server.finish();
    const late = await patient;
    assert.equal(late.allocationServer?.up, true);
    await collector.close();
  });

  it('gives the sources a deadline that a joining scrape can move later', async () => {
    const { collector, sources, finishAll } = await fakes();
    const first = collector.collect({ collectors: ['sysfs'], deadlineAt: soon(1000) });
    const before = sources.sysfs.contexts[0]?.deadline.remaining() ?? 0;
    const second = collector.collect({ collectors: ['sysfs'], deadlineAt: soon(9000) });
    const after = sources.sysfs.contexts[0]?.deadline.remaining() ?? 0;
    assert.ok(before <= 1000 && before > 500, `${before} ms`);
    assert.ok(after > 8000, `${after} ms`);
    finishAll();
    await Promise.all([first, second]);
    await collector.close();
  });

  it('is shared for a moment only where one source hangs: the others are read again', async () => {
    const { collector, sources, finishAll } = await fakes();
    const first = collector.collect({ collectors: undefined, deadlineAt: soon(5000) });
    for (const name of ['sysfs', 'shared_memory', 'procfs'] as const) sources[name].finish();
    await pause(SHARED_MS + 20);
    const second = collector.collect({ collectors: undefined, deadlineAt: soon(9000) });
    const { allocation_server: hanging, ...others } = sources;
    assert.deepEqual(
      Object.values(others).map(({ contexts }) => contexts.length),
      [2, 2, 2],
    );
    assert.equal(hanging.contexts.length, 1);
    assert.ok((hanging.contexts[0]?.deadline.remaining() ?? 0) < 5000);
    finishAll();
    const [one, two] = await Promise.all([first, second]);
    assert.ok(two.takenAtSeconds - one.takenAtSeconds >= SHARED_MS / 1000);
    await collector.close();
  });

  it('is shared as long as holders are looked for, which have to be those of its regions', async () => {
    const { collector, sources, finishAll } = await fakes();
    const first = collector.collect({ collectors: undefined, deadlineAt: soon(5000) });
    for (const name of ['allocation_server', 'sysfs', 'shared_memory'] as const) sources[name].finish();
    await pause(SHARED_MS + 20);
    const second = collector.collect({ collectors: undefined, deadlineAt: soon(9000) });
    assert.equal(sources.shared_memory.contexts.length, 1);
    // Or scrapes that overlap would never see another one.
    assert.ok((sources.procfs.contexts[0]?.deadline.remaining() ?? 0) < 5000);
    finishAll();
    const [one, two] = await Promise.all([first, second]);
    assert.equal(one.takenAtSeconds, two.takenAtSeconds);
    await collector.close();
  });

  it('does not start a source again that has not come back', async () => {
    const { collector, sources, finishAll } = await fakes();
    await collector.collect({ collectors: ['sysfs'], deadlineAt: soon(20) });
    const again = await collector.collect({ collectors: ['sysfs'], deadlineAt: soon(20) });
    assert.equal(sources.sysfs.contexts.length, 1);
    assert.deepEqual(
      again.collectors.map(({ outcome }) => outcome),
      ['running'],
    );
    finishAll();
    const recovered = await collector.collect({ collectors: ['sysfs'], deadlineAt: soon(20) });
    assert.deepEqual(
      recovered.collectors.map(({ outcome }) => outcome),
      ['ok'],
    );
    await collector.close();
  });

  it('tells procfs which regions to look for, once they are known', async () => {
    const { collector, sources, finishAll } = await fakes();
    const scrape = collector.collect({ collectors: undefined, deadlineAt: soon(5000) });
    finishAll();
    await scrape;
    const wanted = await sources.procfs.contexts[0]?.wantedFiles;
    assert.deepEqual(
      wanted?.map(({ file }) => file),
      [REGION.file],
    );
    await collector.close();
  });
});

test('who reports to the server is described from /proc where no list of holders has him', async (t) => {
  const proc = fakeProc(t);
  proc.put({ pid: 7, startTicks: 500, cgroup: '0::/system.slice/train.service\n' });
  const reporting = serverProcess(7, { dram: 4 }, { startTimeSeconds: 1_700_000_005 });
  const reading = server([serverDevice(0, { dram: 4 }, { processes: [reporting] })]);
  const { collector, finishAll } = await fakes({ procfsPath: proc.root }, reading);
  const look = async (): Promise<unknown> => {
    const scrape = collector.collect({ collectors: undefined, deadlineAt: soon(5000) });
    finishAll();
    return (await scrape).processes.map(({ pid, alive, unit }) => [pid, alive, unit]);
  };
  assert.deepEqual(await look(), [['7', true, 'train.service']]);
  proc.remove(7);
  assert.deepEqual(await look(), [['7', undefined, '']]);
  await collector.close();
});

describe('a filter', () => {
  it('reads what the labels need and shows only what was asked for', async () => {
    const { collector, sources, finishAll } = await fakes();
    const scrape = collector.collect({ collectors: ['allocation_server'], deadlineAt: soon(5000) });
    finishAll();
    const snapshot = await scrape;
    assert.deepEqual(
      snapshot.collectors.map(({ name }) => name),
      ['allocation_server'],
    );
    assert.equal(sources.sysfs.contexts.length, 1);
    assert.deepEqual(
      snapshot.devices.map(({ label, card: shown, memory }) => [label, shown, memory?.source, memory?.totals.dram]),
      [['0', undefined, 'allocation_server', 4]],
    );
    await collector.close();
  });

  it('for telemetry leaves the trackers alone', async () => {
    const { collector, sources, finishAll } = await fakes();
    const scrape = collector.collect({ collectors: ['sysfs'], deadlineAt: soon(5000) });
    finishAll();
    const snapshot = await scrape;
    assert.deepEqual(
      [
        sources.allocation_server.contexts.length,
        sources.shared_memory.contexts.length,
        sources.procfs.contexts.length,
      ],
      [0, 0, 0],
    );
    assert.deepEqual(
      [snapshot.allocationServer, snapshot.devices[0]?.memory, snapshot.devices[0]?.card?.board],
      [undefined, undefined, 'n150'],
    );
    await collector.close();
  });

  it('cannot switch on a collector that is switched off', async () => {
    const { collector, sources, finishAll } = await fakes({ collectors: ['sysfs'] });
    const scrape = collector.collect({ collectors: undefined, deadlineAt: soon(5000) });
    finishAll();
    await scrape;
    assert.equal(sources.procfs.contexts.length, 0);
    await collector.close();
  });
});

describe('what could not be read', () => {
  it('is counted over the scrapes and told to the log', async () => {
    const { collector, sources, reported, finishAll } = await fakes();
    sources.sysfs.errors = [{ reason: 'blocked', message: 'm' }];
    for (let scrapes = 0; scrapes < 2; scrapes++) {
      const scrape = collector.collect({ collectors: ['sysfs'], deadlineAt: soon(5000) });
      finishAll();
      const snapshot = await scrape;
      assert.deepEqual(snapshot.readErrors, [{ collector: 'sysfs', reason: 'blocked', count: scrapes + 1 }]);
    }
    assert.deepEqual(reported, ['sysfs blocked', 'sysfs blocked']);
    await collector.close();
  });
});

describe('the files that flags name', () => {
  it('are read again on reload, and the last good one stays', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'collector-'));
    const file = join(folder, 'capacity.yml');
    await writeFile(file, 'boards: {n150: {cores: 70}}');
    const { collector, finishAll } = await fakes({ capacityConfigFile: file });
    const cores = async () => {
      const scrape = collector.collect({ collectors: undefined, deadlineAt: soon(5000) });
      finishAll();
      return (await scrape).devices[0]?.capacity.cores;
    };
    assert.equal(await cores(), 70);
    await writeFile(file, 'boards: {n150: {cores: 71}}');
    assert.deepEqual(await collector.reload(), { ok: true });
    assert.equal(await cores(), 71);
    await writeFile(file, 'boards: {n150: {cores: -1}}');
    const refused = await collector.reload();
    assert.match(refused.ok ? '' : refused.message, /capacity\.yml:1: cores of "n150" must be/);
    assert.equal(await cores(), 71);
    await collector.close();
    await rm(folder, { recursive: true });
  });

  it('end the start where they are no good', async () => {
    await assert.rejects(
      createCollector({ ...CONFIG, capacityConfigFile: '/nowhere/c.yml' }),
      /ENOENT.*\/nowhere\/c\.yml/,
    );
  });

  it('tell whether there is maintenance, and nothing where no file was named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'collector-'));
    const maintenanceFile = join(folder, 'maintenance');
    const { collector, finishAll } = await fakes({ maintenanceFile });
    const maintenance = async () => {
      const scrape = collector.collect({ collectors: ['sysfs'], deadlineAt: soon(5000) });
      finishAll();
      return (await scrape).maintenance;
    };
    assert.equal(await maintenance(), false);
    await writeFile(maintenanceFile, '');
    assert.equal(await maintenance(), true);
    await collector.close();
    await rm(folder, { recursive: true });
  });
});
