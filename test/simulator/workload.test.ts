import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import type { HostKind } from '../../src/simulator/host-kinds.ts';
import { GIB, MIB } from '../../src/simulator/patterns.ts';
import { startStockServer } from '../../src/simulator/stock-server.ts';
import { startWorkload } from '../../src/simulator/workload.ts';

async function host(t: TestContext, kind: HostKind): Promise<SimulatedHost> {
  const made = await createSimulatedHost(kind);
  t.after(() => made.close());
  return made;
}

/** The used slots of a layout 2 to 4 region: PID, DRAM and L1 bytes. */
function slots(path: string): [number, number, number][] {
  const bytes = readFileSync(path);
  return Array.from({ length: 64 }, (_, i) => 856 + 120 * i)
    .filter((offset) => bytes.readInt32LE(offset) !== 0)
    .map((offset) => [
      bytes.readInt32LE(offset),
      Number(bytes.readBigUInt64LE(offset + 8)),
      Number(bytes.readBigUInt64LE(offset + 16)),
    ]);
}

/** Paths that a process of the host has open, as its /proc entry tells. */
function openFiles(made: SimulatedHost, pid: number): string[] {
  const folder = join(made.procfs, String(pid), 'fd');
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))];
    } catch {
      return [];
    }
  });
}

function pids(made: SimulatedHost, driverIndex: number): string {
  return readFileSync(join(made.procfs, 'driver/tenstorrent', String(driverIndex), 'pids'), 'utf8');
}

describe('a workload', () => {
  it('is a real process that holds its region and its device', async (t) => {
    const made = await host(t, 'n150');
    const workload = await startWorkload(made, { name: 'vllm', chips: [0] });
    await workload.hold(0, { dram: GIB, l1: MIB, cb: 1000 });
    const region = made.regionPath(0);
    assert.deepEqual(slots(region), [[workload.pid, GIB, MIB]]);
    assert.equal(readlinkSync(join(made.procfs, String(workload.pid))), `/proc/${workload.pid}`);
    const files = openFiles(made, workload.pid);
    assert.ok(files.includes(join(made.root, 'dev/tenstorrent/0')));
    assert.ok(files.includes(region));
    assert.equal(readFileSync(join(made.procfs, String(workload.pid), 'comm'), 'utf8'), 'vllm\n');
    assert.equal(pids(made, 0), `${workload.pid}\n`);
    assert.equal(readFileSync(join(made.sysfs, 'module/tenstorrent/refcnt'), 'utf8'), '1\n');
  });

  it('leaves nothing but its region when it stops', async (t) => {
    const made = await host(t, 'n150');
    const workload = await startWorkload(made, { name: 'vllm', chips: [0] });
    await workload.hold(0, { dram: GIB });
    await workload.stop();
    assert.deepEqual(slots(made.regionPath(0)), []);
    assert.deepEqual([...workload.books], []);
    assertGone(made, workload.pid);
  });

  it('leaves its slot and its bytes when it is killed', async (t) => {
    const made = await host(t, 'n150');
    const workload = await startWorkload(made, { name: 'vllm', chips: [0] });
    await workload.hold(0, { dram: GIB, l1: 7 });
    await workload.kill();
    assert.deepEqual(slots(made.regionPath(0)), [[workload.pid, GIB, 7]]);
    assert.deepEqual([...workload.books], [[0, { dram: GIB, l1: 7 }]]);
    assertGone(made, workload.pid);
    await assert.rejects(workload.hold(0, {}), /vllm is not running/);
  });

  it('with a slot PID of its own adopts what one before it left', async (t) => {
    const made = await host(t, 'n150');
    const first = await startWorkload(made, { name: 'one', chips: [0], slotPid: 42 });
    await first.hold(0, { dram: 5 * MIB });
    await first.kill();
    const second = await startWorkload(made, { name: 'two', chips: [0], slotPid: 42 });
    await second.hold(0, { dram: MIB });
    assert.deepEqual(slots(made.regionPath(0)), [[42, 6 * MIB, 0]]);
    assert.notEqual(first.pid, second.pid);
  });

  it('runs in a PID namespace under the number that is asked for', async (t) => {
    if (process.getuid?.() !== 0) {
      t.skip('needs root');
      return;
    }
    const made = await host(t, 'n150');
    for (const innerPid of [1, 42]) {
      const workload = await startWorkload(made, { name: 'inner', chips: [0], innerPid });
      assert.equal(workload.slotPid, innerPid);
      const status = readFileSync(join(made.procfs, String(workload.pid), 'status'), 'utf8');
      assert.match(status, new RegExp(`^NSpid:.*\\t${workload.pid}\\t${innerPid}$`, 'm'));
      await workload.kill();
      assertGone(made, workload.pid);
    }
  });

  it('opens the gateway for a remote chip, and each card once', async (t) => {
    const made = await host(t, 't3000');
    const workload = await startWorkload(made, { name: 'mesh', chips: [0, 1, 2, 3, 4, 5, 6, 7] });
    await workload.hold(6, { l1: 9 });
    assert.deepEqual(
      made.cards.map((card) => pids(made, card.driverIndex ?? -1)),
      Array.from({ length: 4 }, () => `${workload.pid}\n`),
    );
    assert.deepEqual(slots(made.regionPath(6)), [[workload.pid, 0, 9]]);
    assert.deepEqual(slots(made.regionPath(5)), [[workload.pid, 0, 0]]);
    const remote = readFileSync(made.regionPath(6));
    assert.deepEqual([remote.readUInt32LE(88), remote.readUInt32LE(92)], [6, 1]);
  });

  it('cannot open a chip whose card is unplugged', async (t) => {
    const made = await host(t, 'n150');
    made.unplug(0);
    await assert.rejects(startWorkload(made, { name: 'late', chips: [0] }), /card 0 has no driver now/);
  });

  it('follows its pattern: it leaks, its card is busy, and it crashes', async (t) => {
    const made = await host(t, 'mixed');
    const leaker = await startWorkload(made, {
      name: 'leaker',
      chips: [0],
      pattern: { kind: 'leak', baseBytes: GIB, bytesPerMinute: 60 * MIB },
    });
    const crasher = await startWorkload(made, {
      name: 'crasher',
      chips: [2],
      pattern: { kind: 'crash', holdings: { dram: 77 }, afterSeconds: 15 },
    });
    for (const workload of [leaker, crasher]) await workload.step(10);
    made.step(10);
    assert.deepEqual(slots(made.regionPath(0)), [[leaker.pid, GIB + 10 * MIB, 4 * MIB]]);
    assert.equal(made.card(2).value('tt_aiclk'), '1350');
    for (const workload of [leaker, crasher]) await workload.step(10);
    made.step(10);
    assert.deepEqual(slots(made.regionPath(0)), [[leaker.pid, GIB + 20 * MIB, 4 * MIB]]);
    assert.deepEqual(slots(made.regionPath(2)), [[crasher.pid, 77, 0]]);
    assert.equal(crasher.running, false);
    assert.equal(made.card(2).value('tt_aiclk'), '800');
    assert.equal(made.card(0).value('tt_aiclk'), '1000');
  });

  it('ends with its host, whose folder is gone then', async () => {
    const made = await createSimulatedHost('n150');
    const workload = await startWorkload(made, { name: 'vllm', chips: [0] });
    await made.close();
    assert.equal(existsSync(`/proc/${workload.pid}`), false);
    assert.equal(existsSync(made.root), false);
  });

  it('ends with the program that started it, even by SIGKILL', async (t) => {
    const program = `
      import { createSimulatedHost } from '../../src/simulator/hosts.ts';
      import { startWorkload } from '../../src/simulator/workload.ts';
      const host = await createSimulatedHost('n150', { root: process.argv[1] });
      const workload = await startWorkload(host, { name: 'orphan', chips: [0] });
      process.send(workload.pid);`;
    const root = mkdtempSync(join(tmpdir(), 'tt-orphan-'));
    t.after(() => {
      rmSync(root, { recursive: true });
    });
    const made = spawn(process.execPath, ['--input-type=module', '--eval', program, join(root, 'inner')], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [pid] = (await once(made, 'message')) as [number];
    assert.ok(existsSync(`/proc/${pid}`));
    made.kill('SIGKILL');
    await until(() => !existsSync(`/proc/${pid}`) || /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
  });
});

function assertGone(made: SimulatedHost, pid: number): void {
  assert.equal(existsSync(`/proc/${pid}`), false);
  assert.equal(lstatSync(join(made.procfs, String(pid)), { throwIfNoEntry: false }), undefined);
  assert.equal(pids(made, 0), '');
  assert.ok(statSync(made.regionPath(0)).isFile());
}

async function until(met: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !met(); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(met());
}

describe('a workload that reports to a server', () => {
  it('is in the server as in its books, and other processes on the chip add to it', async (t) => {
    const made = await host(t, 'p150');
    const server = await startStockServer({ path: made.socket, dialect: 'C', devices: [] });
    made.onClose(() => server.close());
    const options = { chips: [0], tracker: 'server' } as const;
    const one = await startWorkload(made, { ...options, name: 'one' });
    const two = await startWorkload(made, { ...options, name: 'two' });
    await one.hold(0, { dram: 1000, l1: 20, cb: 5, kernel: 3 });
    await one.hold(0, { dram: 900, l1: 20, cb: 7, kernel: 3 });
    await two.hold(0, { dram: 11, trace: 4, l1_small: 2 });
    const expected = { dram: 911n, l1: 20n, l1Small: 2n, trace: 4n, cb: 7n, kernel: 3n };
    await until(() => isDeepStrictEqual(server.totals(0), expected));
    assert.equal(existsSync(made.regionPath(0)), false);
    await one.kill();
    server.reap();
    // It keeps no PID for circular buffers and kernels.
    assert.deepEqual(server.totals(0), { ...expected, dram: 11n, l1: 0n });
  });

  it('goes on where the server is gone, and does not start where there was none', async (t) => {
    const made = await host(t, 'p150');
    const options = { name: 'one', chips: [0], tracker: 'both' } as const;
    await assert.rejects(startWorkload(made, options), /the workload failed to start: .*ENOENT/);
    const server = await startStockServer({ path: made.socket, dialect: 'B', devices: [] });
    const workload = await startWorkload(made, { ...options, dialect: 'B' });
    await workload.hold(0, { dram: 5, cb: 1 });
    await server.close();
    await workload.hold(0, { dram: 6 });
    await workload.hold(0, { dram: 7 });
    assert.deepEqual(slots(made.regionPath(0)), [[workload.pid, 7, 0]]);
  });
});
