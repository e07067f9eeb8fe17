import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { Deadline } from '../../../src/collect/deadline.ts';
import type { StockFault } from '../../../src/simulator/stock-faults.ts';
import { PLENTY, SHORT, bareDevice, newScene, openDescriptors, reasons, scrape, until } from './support.ts';
import type { Scene } from './support.ts';

/** A server that does with each connection what it is told. */
async function scripted(scene: Scene, serve: (socket: Socket, index: number) => void): Promise<Set<Socket>> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    serve(socket, count++);
  });
  server.listen(scene.path);
  await once(server, 'listening');
  scene.defer(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return sockets;
}

describe('no server', () => {
  it('is no data where there is no socket', async (t) => {
    const scene = await newScene(t);
    const { outcome, data, errors } = await scrape(scene.source());
    assert.deepEqual({ outcome, data, errors }, { outcome: 'no_data', data: undefined, errors: [] });
  });

  it('is a failure where a socket is left over that refuses', async (t) => {
    const scene = await newScene(t);
    const child = spawn(process.execPath, ['-e', LISTENER, scene.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const state = await scrape(scene.source());
    assert.deepEqual([state.outcome, state.data, reasons(state)], ['failed', undefined, ['refused']]);
    assert.match(state.errors[0]?.message ?? '', /remove the file/);
  });

  it('is a failure where the path is no socket, a loop, or leads nowhere it can follow', async (t) => {
    const scene = await newScene(t);
    await writeFile(scene.path, 'a file');
    assert.deepEqual(reasons(await scrape(scene.source())), ['not_a_socket']);
    await rm(scene.path);
    await symlink(scene.path, scene.path);
    assert.deepEqual(reasons(await scrape(scene.source())), ['not_a_socket']);
    await rm(scene.path);
    await symlink('nothing', scene.path);
    assert.equal((await scrape(scene.source())).outcome, 'no_data');
  });
});

const LONG = 5 * SHORT;

/** Listens, says so, and on SIGSTOP accepts nothing. */
const LISTENER = `require('node:net').createServer().listen({ path: process.argv[1], backlog: 1 }, () => console.log(process.pid))`;

describe('a server that is stopped', () => {
  it('costs no more than the deadline, whether its queue has room or not', async (t) => {
    const scene = await newScene(t);
    const child = spawn(process.execPath, ['-e', LISTENER, scene.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(child, 'exit');
    scene.defer(() => {
      child.kill('SIGKILL');
      return gone;
    });
    await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    const sources = Array.from({ length: 4 }, () => scene.source());
    // Each must have tried before the deadline, on whatever else the machine has to do.
    const states = await Promise.all(sources.map((source) => scrape(source, LONG)));
    assert.deepEqual(states.flatMap(reasons).sort(), ['busy', 'busy', 'no_answer', 'no_answer']);
    assert.deepEqual(sources.map((source) => source.parked()).sort(), [0, 0, 1, 1]);
    child.kill('SIGKILL');
    await until(() => sources.every((source) => source.parked() === 0), 'the end of what was parked');
  });
});

/** Faults that show before the deadline, when they meet the probe and when they meet the scrape after it. */
const PROMPT: readonly [StockFault, string, string][] = [
  [{ kind: 'garbage' }, 'garbage', 'garbage'],
  // A second answer about device 0 stands where the one about device 1 should.
  [{ kind: 'too_much' }, 'extra_bytes', 'garbage'],
  [{ kind: 'short' }, 'unknown_dialect', 'garbage'],
  [{ kind: 'close_early', answers: 0 }, 'closed_early', 'closed_early'],
  [{ kind: 'close_at_once' }, 'closed_early', 'closed_early'],
];

describe('a faulty server', () => {
  for (const [fault, atProbe, atScrape] of PROMPT) {
    it(`is named ${atProbe} at the probe: ${fault.kind}`, async (t) => {
      const scene = await newScene(t);
      const server = await scene.stock({ dialect: 'C', fault });
      const source = scene.source();
      const state = await scrape(source);
      assert.deepEqual([state.outcome, state.data, reasons(state)], ['failed', undefined, [atProbe]]);
      server.setFault(undefined);
      await until(() => source.parked() === 0, 'the end of the connection');
      assert.deepEqual([(await scrape(source)).outcome, server.wouldHaveDied], ['ok', 0]);
    });

    it(`is named ${atScrape} at the scrape, and probed anew after it: ${fault.kind}`, async (t) => {
      const scene = await newScene(t);
      const server = await scene.stock({ dialect: 'A' });
      const source = scene.source();
      await scrape(source);
      server.setFault(fault);
      const state = await scrape(source);
      assert.deepEqual([state.outcome, state.data, reasons(state)], ['failed', undefined, [atScrape]]);
      server.setFault(undefined);
      await until(() => source.parked() === 0, 'the end of the connection');
      const before = server.connections;
      assert.equal((await scrape(source)).outcome, 'ok');
      assert.deepEqual([server.connections - before, server.wouldHaveDied], [2, 0]);
    });
  }

  it('that closes in the middle gives the devices that it has answered about', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'A' });
    const source = scene.source();
    await scrape(source);
    server.setFault({ kind: 'close_early', answers: 3 });
    const { outcome, data, errors } = await scrape(source);
    assert.deepEqual([outcome, data?.devices.map(({ id }) => id)], ['failed', [0, 1, 2]]);
    assert.deepEqual(
      errors.map(({ reason }) => reason),
      ['closed_early'],
    );
  });

  it('that sends half an answer and closes is named incomplete_answer', async (t) => {
    const scene = await newScene(t);
    await scripted(scene, (socket, index) => {
      socket.once('data', () => socket.end(Buffer.alloc(index === 0 ? 71 : 36, 4)));
    });
    assert.deepEqual(reasons(await scrape(scene.source())), ['unknown_dialect']);
  });

  it('that answers the probe but does not close is named no_end, and is not closed on', async (t) => {
    const scene = await newScene(t);
    const answer = Buffer.alloc(72);
    answer[0] = 4;
    const sockets = await scripted(scene, (socket) => socket.once('data', () => socket.write(answer)));
    const source = scene.source();
    assert.deepEqual(reasons(await scrape(source, SHORT)), ['no_end']);
    assert.deepEqual([source.parked(), reasons(await scrape(source))], [1, ['parked']]);
    for (const socket of sockets) socket.destroy();
    await until(() => source.parked() === 0, 'the end of the connection');
  });

  it('that sends more after its last answer is not believed at all', async (t) => {
    const scene = await newScene(t);
    const inner = await newScene(t);
    const server = await inner.stock({ dialect: 'B' });
    let extra = 0;
    await scripted(scene, (socket) => {
      relay(socket, inner.path, extra);
    });
    const source = scene.source();
    assert.equal((await scrape(source)).outcome, 'ok');
    extra = 1;
    const state = await scrape(source);
    assert.deepEqual([state.outcome, state.data, reasons(state)], ['failed', undefined, ['extra_bytes']]);
    await until(() => source.parked() === 0, 'the end of the connection');
    assert.equal(server.wouldHaveDied, 0);
  });

  it('that sends more once everything has been read is not believed at all', async (t) => {
    const scene = await newScene(t);
    const inner = await newScene(t);
    await inner.stock({ dialect: 'B' });
    let held: Socket | undefined;
    await scripted(scene, (socket, index) => {
      const hold = index === 1 ? Promise.withResolvers<undefined>() : undefined;
      if (hold !== undefined) held = socket.once('extra', hold.resolve);
      relay(socket, inner.path, index, hold?.promise);
    });
    const source = scene.source();
    const deadline = Deadline.after(PLENTY);
    const run = source.start({ deadline, wantedFiles: Promise.resolve([]) });
    while ((run.state().data?.devices.length ?? 0) === 0) await new Promise(setImmediate);
    held?.emit('extra');
    await run.done;
    deadline.dispose();
    const state = run.state();
    assert.deepEqual([state.outcome, state.data, reasons(state)], ['failed', undefined, ['extra_bytes']]);
    await until(() => source.parked() === 0, 'the end of the connection');
  });

  it('that sends without end is let go of, and takes no memory', async (t) => {
    const scene = await newScene(t);
    const flood = Buffer.alloc(65_536, 1);
    await scripted(scene, (socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(flood));
      };
      socket.on('drain', more);
      more();
    });
    const source = scene.source();
    const state = await scrape(source);
    assert.deepEqual(reasons(state), ['extra_bytes']);
    await until(() => source.parked() === 0, 'the end of the connection');
    assert.ok(process.memoryUsage().arrayBuffers < 64 * 2 ** 20);
  });

  it('is never taken for another dialect than it speaks, whatever is kept of it', async (t) => {
    for (const [first, second] of [
      ['A', 'B'],
      ['A', 'C'],
      ['B', 'A'],
      ['B', 'C'],
      ['C', 'A'],
      ['C', 'B'],
    ] as const) {
      const scene = await newScene(t);
      const source = scene.source();
      // The same socket's server changes its dialect: what a reused inode would look like.
      const servers = new Map([
        [first, 0],
        [second, 1],
      ]);
      const behind = await Promise.all(
        [...servers.keys()].map(async (dialect) => {
          const inner = await newScene(t);
          return { server: await inner.stock({ dialect }), path: inner.path };
        }),
      );
      let current = behind[0] ?? assert.fail();
      await scripted(scene, (socket) => {
        relay(socket, current.path);
      });
      assert.equal((await scrape(source)).data?.dialect, first);
      current = behind[1] ?? assert.fail();
      const state = await scrape(source, SHORT);
      assert.equal(state.outcome, 'failed', `${first} to ${second}`);
      // All that A reads is at the same place in the others' answers, so a first device may be there, and right.
      assert.deepEqual(state.data?.devices ?? [bareDevice(0, 'A')], [bareDevice(0, 'A')], `${first} to ${second}`);
      await until(() => source.parked() === 0, 'the end of the connection');
      assert.equal((await scrape(source)).data?.dialect, second);
      assert.deepEqual(
        behind.map(({ server }) => server.wouldHaveDied),
        [0, 0],
        `${first} to ${second}`,
      );
    }
  });

  it('costs no descriptor, scrape after scrape', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({ dialect: 'B' });
    const source = scene.source();
    await scrape(source);
    await until(() => source.parked() === 0, 'the end of the connection');
    const before = await openDescriptors();
    for (const [fault] of [...PROMPT, ...PROMPT, ...PROMPT]) {
      server.setFault(fault);
      assert.equal((await scrape(source)).outcome, 'failed');
      await until(() => source.parked() === 0, 'the end of the connection');
    }
    for (let late = 0; late < 5; late++) {
      server.setFault({ kind: 'late' });
      assert.equal((await scrape(source, 20)).outcome, 'failed');
      await server.release();
      await until(() => source.parked() === 0, 'the end of the connection');
    }
    await until(async () => (await openDescriptors()) <= before, 'descriptors closed');
    assert.equal(server.wouldHaveDied, 0);
  });
});

/** Passes everything on to the server at `path`, and sends `extra` bytes before the end, which waits for `hold`. */
function relay(socket: Socket, path: string, extra = 0, hold: Promise<unknown> = Promise.resolve()): void {
  const inner = createConnection({ path, allowHalfOpen: true }).on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => inner.write(chunk)).on('end', () => inner.end());
  inner.on('data', (chunk: Buffer) => socket.write(chunk));
  inner.on('end', () => void hold.then(() => socket.end(Buffer.alloc(extra))));
  socket.on('close', () => inner.destroy());
}
