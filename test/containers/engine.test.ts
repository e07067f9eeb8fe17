import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { getContainerRuntimeClient } from 'testcontainers';
import { useEngine } from '../support/docker/engine.ts';
import { answers } from '../support/docker/engine-probe.ts';
import { removeOrphans } from '../support/docker/owner.ts';
import { eventually } from '../support/eventually.ts';

const SUPPORT = join(import.meta.dirname, '../support/docker');

/** Answers as the engine does, and nothing more: a second real one would disturb the first. */
const FAKE_DOCKERD = `#!${process.execPath}
const path = process.argv.find((flag) => flag.startsWith('--host=unix://')).slice('--host=unix://'.length);
require('node:http').createServer((_, response) => response.end('OK')).listen(path);
require('node:fs').writeFileSync(path + '.pid', String(process.pid));
`;

interface Told {
  readonly process: ChildProcess;
  readonly told: string;
}

/** Runs a script until the end of the test, and waits for its first line. */
async function run(t: TestContext, script: string, env: NodeJS.ProcessEnv): Promise<Told> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string?];
  if (line === undefined) throw new Error('the script ended without a word');
  return { process: child, told: line };
}

describe('an engine that is started for the tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tt-fake-'));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** A process that asks for an engine and then lives until it is killed, with what it was told. */
  async function user(t: TestContext, program: string, name: string): Promise<Told> {
    writeFileSync(join(folder, 'dockerd'), program);
    chmodSync(join(folder, 'dockerd'), 0o755);
    const script = `
      import { startEngine } from ${JSON.stringify(join(SUPPORT, 'start-engine.ts'))};
      console.log(await startEngine().catch((error) => error.message));
      setInterval(() => undefined, 1000);`;
    return await run(t, script, { PATH: `${folder}:/usr/bin:/bin`, TENSTORRENT_EXPORTER_TEST_KEEPER: name });
  }

  it('is one for all who ask, and ends with its folder when the last of them is killed', async (t) => {
    const name = `engine-test-users-${process.pid}`;
    const [first, second] = await Promise.all([user(t, FAKE_DOCKERD, name), user(t, FAKE_DOCKERD, name)]);
    assert.equal(first.told, second.told);
    first.process.kill('SIGKILL');
    assert.equal(await answers(first.told), true);
    second.process.kill('SIGKILL');
    await eventually('the end of the engine', () => !existsSync(dirname(first.told)));
  });

  it('ends where its keeper is killed', async (t) => {
    const { told } = await user(t, FAKE_DOCKERD, `engine-test-keeper-${process.pid}`);
    const engine = Number(readFileSync(`${told}.pid`, 'utf8'));
    const keeper = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${engine}/status`, 'utf8'))?.[1];
    t.after(() => {
      if (existsSync(`/proc/${engine}`)) process.kill(engine, 'SIGKILL');
    });
    process.kill(Number(keeper), 'SIGKILL');
    await eventually('the end of the engine', () => !existsSync(`/proc/${engine}`));
    rmSync(dirname(told), { recursive: true });
  });

  it('says why it did not start', async (t) => {
    const { told } = await user(t, '#!/bin/sh\necho no cgroups here\nexit 1\n', `engine-test-${process.pid}`);
    assert.equal(told, 'dockerd did not start: no cgroups here');
  });
});

describe('a Docker engine', () => {
  before(() => useEngine());
  after(async () => (await useEngine()).removeContainers());

  it('is rid of the containers of a test process that was killed, and of no other', async (t) => {
    const script = `
      import { createSimulatedHost } from ${JSON.stringify(join(SUPPORT, '../../../src/simulator/hosts.ts'))};
      import { useEngine } from ${JSON.stringify(join(SUPPORT, 'engine.ts'))};
      import { startContainer } from ${JSON.stringify(join(SUPPORT, 'containers.ts'))};
      await useEngine();
      const host = await createSimulatedHost('n150');
      console.log(host.root, (await startContainer(host, { name: 'left', chips: [0] })).id);
      setInterval(() => undefined, 1000);`;
    const { process: child, told } = await run(t, script, process.env);
    const [root = '', id = ''] = told.split(' ');
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const isThere = async (): Promise<boolean> => {
      const all = await dockerode.listContainers({ all: true });
      return all.some((container) => container.Id === id);
    };
    await removeOrphans();
    assert.equal(await isThere(), true);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await removeOrphans();
    assert.equal(await isThere(), false);
    rmSync(root, { recursive: true });
  });
});
