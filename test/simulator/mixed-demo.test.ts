import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MIB } from '../../src/simulator/patterns.ts';
import { startDemoHost } from '../../src/simulator/mixed-demo.ts';

/** Names and DRAM bytes of the used slots of a layout 3 or 4 region. */
function slots(path: string): [string, number][] {
  const region = readFileSync(path);
  return Array.from({ length: 64 }, (_, i) => 856 + 120 * i)
    .filter((offset) => region.readInt32LE(offset) !== 0)
    .map((offset) => [
      region.toString('utf8', offset + 56, region.indexOf(0, offset + 56)),
      Number(region.readBigUInt64LE(offset + 8)) / MIB,
    ]);
}

describe('the demo host', () => {
  it('has servers, a training, a leak, the bytes of the dead, and leaves nothing behind', async (t) => {
    const demo = await startDemoHost({ alive: false });
    t.after(() => demo.close());
    const { host, workloads, killedPid } = demo;
    assert.deepEqual(
      workloads.map(({ options }) => options.name),
      ['resnet-serve', 'llama-train', 'vllm', 'notebook'],
    );
    await demo.step(59);
    assert.deepEqual(slots(host.regionPath(0)), [
      ['resnet-serve', 3072],
      ['notebook', 448],
    ]);
    assert.equal(readFileSync(host.regionPath(0)).readUInt32LE(0), 4);
    assert.deepEqual(
      slots(host.regionPath(1)).map(([name]) => name),
      ['pytest', 'llama-train'],
    );
    assert.equal(readFileSync(host.regionPath(1)).readUInt32LE(0), 3);
    assert.equal(existsSync(host.regionPath(2)), false);
    assert.ok(existsSync(host.socket));
    const pids = workloads.map(({ pid }) => pid);
    assert.ok(pids.every((pid) => existsSync(join(host.procfs, String(pid)))));
    assert.equal(existsSync(join(host.procfs, String(killedPid))), false);
    await demo.step(1800);
    assert.deepEqual(slots(host.regionPath(0))[1], ['notebook', 256 + 192 * 30]);
    assert.notEqual(workloads[3]?.pid, pids[3]);
    await demo.close();
    assert.deepEqual(
      pids.filter((pid) => existsSync(`/proc/${pid}`)),
      [],
    );
    assert.equal(existsSync(host.root), false);
  });

  it('lives by itself', async (t) => {
    const demo = await startDemoHost();
    t.after(() => demo.close());
    const heartbeat = demo.host.card(0).value('tt_heartbeat');
    for (let tries = 0; tries < 500 && demo.host.card(0).value('tt_heartbeat') === heartbeat; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.notEqual(demo.host.card(0).value('tt_heartbeat'), heartbeat);
  });
});
