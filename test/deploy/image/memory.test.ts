import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import { getContainerRuntimeClient } from 'testcontainers';
import { createGalaxyLoad } from '../../../src/simulator/galaxy-load.ts';
import { MIB } from '../../../src/simulator/patterns.ts';
import { useEngine } from '../../support/docker/engine.ts';
import type { Engine } from '../../support/docker/engine.ts';
import { get, startImage } from './exporter-container.ts';
import { READER_RIGHTS } from './reader-rights.ts';
import { sameMount } from './shared-host.ts';

const SCRAPES = 40;

let engine: Engine;
before(async () => {
  engine = await useEngine();
});
after(() => engine.removeContainers());

it('a Galaxy with 64 processes on each chip is read within the memory that the README names', async (t) => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const limit = Number(/--memory=(\d+)m/.exec(readme)?.[1]) * MIB;
  const host = await createGalaxyLoad();
  t.after(() => host.close());
  const container = await startImage({
    ...READER_RIGHTS,
    flags: host.flags(),
    mounts: [sameMount(host)],
    memoryBytes: limit,
  });
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    const { status, body } = await get(container);
    assert.equal(status, 200);
    assert.equal(body.match(/^tt_dram_allocated_bytes\{.*type="dram"\}/gm)?.length, 32 * 64);
    // A health check is one more process in the same container.
    if (scrape % 20 === 0) {
      const check = await container.exec(['node', 'health.mjs', 'http://127.0.0.1:10072/-/healthy']);
      assert.equal(check.exitCode, 0, check.output);
    }
  }
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const { State: state, RestartCount: restarts } = await dockerode.getContainer(container.getId()).inspect();
  assert.deepEqual(
    { alive: state.Running, killed: state.OOMKilled, restarts },
    { alive: true, killed: false, restarts: 0 },
  );
  const { memory_stats: memory } = await dockerode.getContainer(container.getId()).stats({ stream: false });
  const failed = (memory as unknown as { failcnt?: number }).failcnt ?? 0;
  t.diagnostic(
    `${Math.round(memory.usage / MIB)} MiB now, ${Math.round(memory.max_usage / MIB)} MiB at most, ${failed} times at the limit`,
  );
  assert.equal(memory.limit, limit);
});
