import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';

const READER = join(import.meta.dirname, 'fault-reader.ts');

type Answers = Record<string, string>;

/** A program under test that reads one file in every way that Node has, when asked. */
class Reader {
  readonly #child: ChildProcess;

  constructor(t: TestContext, host: SimulatedHost, path: string, thread: 'main' | 'worker') {
    const env = { ...process.env, ...host.faultsEnvironment() };
    this.#child = spawn(process.execPath, [READER, path, thread], {
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    t.after(() => this.#child.kill('SIGKILL'));
  }

  async next(): Promise<Answers> {
    const [answers] = (await once(this.#child, 'message')) as [Answers];
    return answers;
  }

  /** Resolves when one of its threads waits in the kernel for somebody to write to a FIFO. */
  async blocked(): Promise<void> {
    const pid = this.#child.pid ?? 0;
    const waits = (): boolean =>
      readdirSync(`/proc/${pid}/task`).some((thread) => wakeChannel(pid, thread) === 'wait_for_partner');
    for (let tries = 0; tries < 500 && !waits(); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(waits());
  }

  async read(ways: readonly string[] = WAYS): Promise<Answers> {
    const answers = this.next();
    this.#child.send(ways);
    return await answers;
  }
}

function wakeChannel(pid: number, thread: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/wchan`, 'utf8');
  } catch {
    return '';
  }
}

async function hostAndReader(t: TestContext, thread: 'main' | 'worker'): Promise<[SimulatedHost, Reader]> {
  const host = await createSimulatedHost('p150');
  t.after(() => host.close());
  const reader = new Reader(t, host, host.card(0).path('tt_aiclk'), thread);
  await reader.next();
  return [host, reader];
}

const WAYS = [
  'readSync, kept descriptor',
  'read, kept descriptor',
  'promisified read, kept descriptor',
  'readFileSync',
  'readFile',
  'promises.readFile',
  'FileHandle.read, kept handle',
  'FileHandle.readFile',
  'named import of readFileSync',
];

function everyWay(answer: string): Answers {
  return Object.fromEntries(WAYS.map((way) => [way, answer]));
}

for (const thread of ['main', 'worker'] as const) {
  describe(`faults in the ${thread} thread`, () => {
    it('come to every kind of read with the code and number of the driver, and end', async (t) => {
      const [host, reader] = await hostAndReader(t, thread);
      const card = host.card(0);
      assert.deepEqual(await reader.read(), everyWay('800'));
      const codes = { ENODATA: 'ENODATA -61', EINVAL: 'EINVAL -22', E524: 'Unknown system error -524 -524' };
      for (const [code, answer] of Object.entries(codes)) {
        card.failReads('tt_aiclk', code);
        assert.deepEqual(await reader.read(), everyWay(answer));
      }
      card.endFailure('tt_aiclk');
      assert.deepEqual(await reader.read(), everyWay('800'));
    });

    it('are ENODATA while a reset runs', async (t) => {
      const [host, reader] = await hostAndReader(t, thread);
      host.card(0).beginReset();
      assert.deepEqual(await reader.read(), everyWay('ENODATA -61'));
      host.card(0).recover();
      assert.deepEqual(await reader.read(), everyWay('800'));
    });

    it('are ENODEV on descriptors of a card that was unplugged, ENOENT on its paths', async (t) => {
      const [host, reader] = await hostAndReader(t, thread);
      host.unplug(0);
      const kept = WAYS.filter((way) => way.includes('kept'));
      assert.deepEqual(await reader.read(), {
        ...everyWay('ENOENT -2'),
        ...Object.fromEntries(kept.map((way) => [way, 'ENODEV -19'])),
      });
      host.replug(0, 3);
      assert.equal((await reader.read())['readSync, kept descriptor'], 'ENODEV -19');
    });

    for (const way of ['readSync, kept descriptor', 'FileHandle.read, kept handle', 'readFileSync', 'readFile']) {
      it(`block ${way} until the card is unblocked`, async (t) => {
        const [host, reader] = await hostAndReader(t, thread);
        host.blockSensor(0);
        let answered = false;
        const answers = reader.read([way]).then((result) => {
          answered = true;
          return result;
        });
        await reader.blocked();
        assert.equal(answered, false);
        host.unblockSensor(0);
        assert.deepEqual(await answers, { [way]: '800' });
        assert.deepEqual(await reader.read(), everyWay('800'));
      });
    }
  });
}

describe('the faults file', () => {
  it('refuses a code that no system has', async (t) => {
    const host = await createSimulatedHost('p150');
    t.after(() => host.close());
    assert.throws(() => {
      host.card(0).failReads('tt_aiclk', 'ENOSUCH');
    }, /unknown error code ENOSUCH/);
  });

  it('can make open fail', async (t) => {
    const [host, reader] = await hostAndReader(t, 'main');
    host.faults.set([host.card(0).path('tt_aiclk')], { at: 'open', code: 'EMFILE' });
    const answers = await reader.read();
    assert.equal(answers['FileHandle.readFile'], 'EMFILE -24');
    assert.equal(answers['readSync, kept descriptor'], '800');
  });
});
