import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { Stage } from './stage.ts';
import type { Life } from './life.ts';
import type { Namespace } from './namespace.ts';
import type { World } from './world.ts';
import type { WorldRegion } from './world-region.ts';

const CALM = { bootSeconds: 1_600_000_000, belowHost: false, privateShm: false, hasServer: false };

function start(world: World, namespace: Namespace, hostPid: number, innerPid: number, parent?: Life): Life {
  const birth = { namespace, hostPid, innerPids: [innerPid], version: 4, opensDevice: parent === undefined } as const;
  return world.start(parent === undefined ? birth : { ...birth, parent });
}

/** A world with the chip's region, and two namespaces in which numbers can be the same. */
async function twoNamespaces(
  t: TestContext,
): Promise<{ stage: Stage; region: WorldRegion; a: Namespace; b: Namespace }> {
  const stage = await Stage.open(CALM);
  t.after(() => stage[Symbol.asyncDispose]());
  const [region] = stage.world.regions;
  const [, a, , b] = stage.world.namespaces;
  assert.ok(region !== undefined && a !== undefined && b !== undefined);
  return { stage, region, a, b };
}

async function labels(stage: Stage): Promise<string[]> {
  const snapshot = await stage.collect();
  return snapshot?.devices[0]?.memory?.processes?.map(({ pid }) => pid) ?? [];
}

it('who was looked through and does not hold the region is not its writer, though another may not be looked at', async (t) => {
  const { stage, region, a, b } = await twoNamespaces(t);
  const { world } = stage;
  start(world, b, 2002, 1);
  const bystander = start(world, b, 2003, 2);
  const writer = start(world, a, 2001, 1);
  world.work.attach(writer, region);
  world.work.record(writer, region, 'dram', 4096);
  world.work.kill(writer);
  world.deny(bystander, true);
  assert.deepEqual(await labels(stage), ['?1']);
});

it('a child that writes under the number of another namespace’s holder makes the number ambiguous', async (t) => {
  const { stage, region, a, b } = await twoNamespaces(t);
  const { world } = stage;
  const holder = start(world, a, 2001, 3);
  const parent = start(world, b, 2002, 1);
  for (const life of [holder, parent]) world.work.attach(life, region);
  for (const life of [holder, parent]) world.work.record(life, region, 'dram', 4096);
  await stage.collect();
  world.pass(1000);
  const child = start(world, b, 2003, 3, parent);
  world.pass(1000);
  world.work.record(child, region, 'l1', 4096);
  assert.deepEqual(await labels(stage), ['?3', '2002']);
});
