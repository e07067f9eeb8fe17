import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';

const DEMO = new URL('../../src/simulator/demo.ts', import.meta.url).pathname;

async function run(t: TestContext, flags: readonly string[]): Promise<{ code: unknown; errors: string }> {
  const demo = spawn(process.execPath, [DEMO, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => demo.kill('SIGTERM'));
  const [[code], errors] = await Promise.all([once(demo, 'exit') as Promise<unknown[]>, text(demo.stderr)]);
  return { code, errors };
}

/** The page, as soon as somebody answers. */
async function scrape(socketPath: string): Promise<string> {
  for (let tries = 0; tries < 1000; tries++) {
    try {
      const asked = request({ socketPath, path: '/metrics' }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      return await text(answer);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error(`nobody answers at ${socketPath}`);
}

describe('the demo', () => {
  it('says so where its port is taken, and how to take another', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    assert.deepEqual(await run(t, [`--web.listen-address=${address}`]), {
      code: 1,
      errors: `Something else listens on ${address}. Try another port: npm run demo -- --web.listen-address=:10073\n`,
    });
  });

  it('serves the host, and Ctrl-C ends all of it', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'tt-demo-'));
    t.after(() => rm(folder, { recursive: true }));
    const socket = join(folder, 'web.sock');
    const demo = spawn(process.execPath, [DEMO, `--web.listen-address=unix:${socket}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.after(() => demo.kill('SIGTERM'));
    demo.stderr.resume();
    const printed = text(demo.stdout);
    const page = await scrape(socket);
    assert.match(page, /^tt_dram_allocated_bytes\{device="0",pid="\d+",type="dram"\} 3221225472$/m);
    assert.match(page, /^tt_dram_orphaned_bytes\{device="1",pid="\?\d+",type="dram"\} 671088640$/m);
    assert.match(page, /^tt_device_dram_allocated_bytes\{device="2",type="dram"\} 27917287424$/m);
    assert.match(page, /^tt_devices\{state="ok"\} 3$/m);
    demo.kill('SIGINT');
    const [code] = (await once(demo, 'exit')) as [number];
    assert.equal(code, 0);
    const output = await printed;
    const [root = ''] = /^ {2}\/.*$/m.exec(output) ?? [];
    assert.equal(existsSync(root.trim()), false);
    const pids = [...output.matchAll(/^ {2}(\d+) /gm)].map(([, pid]) => pid);
    assert.equal(pids.length, 5);
    assert.deepEqual(
      pids.filter((pid) => existsSync(`/proc/${pid ?? ''}`)),
      [],
    );
  });

  it('says what is wrong with an address that is none', async (t) => {
    const { code, errors } = await run(t, ['--web.listen-address', 'here']);
    assert.deepEqual([code, errors.split('\n').length], [1, 2]);
    assert.match(errors, /"here" is not an address: give host:port/);
  });
});
