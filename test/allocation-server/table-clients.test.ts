import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { eventually } from '../support/eventually.ts';
import { responseOf, sumTotals, TABLE_DEVICES, TableClient } from '../support/table-client/table-client.ts';
import type { TableDialect, TableTotals } from '../support/table-client/table-client.ts';
import { buildNative } from './support/built.ts';
import { startServer } from './support/start-server.ts';

const CLIENTS = 64;
const DIALECTS = ['A', 'B', 'C'] as const;

async function withClients(
  count: number,
  run: (clients: TableClient[]) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> {
  buildNative();
  const server = await startServer(flags);
  const clients = Array.from({ length: count }, (_, seed) => new TableClient(server.path, dialectOf(seed), seed));
  try {
    await run(clients);
  } finally {
    await Promise.all(clients.map((client) => client.kill()));
    await server.stop();
  }
}

function dialectOf(index: number): TableDialect {
  return DIALECTS[index % DIALECTS.length] ?? 'C';
}

/** What one client of each dialect is told, once it is what all of them hold; asked until then. */
async function agree(clients: readonly TableClient[], totals: TableTotals): Promise<void> {
  const expected = DIALECTS.map((dialect) => totals.map((of, device) => responseOf(dialect, device, of)));
  const asked = DIALECTS.flatMap((dialect) => clients.find((client) => client.dialect === dialect) ?? []);
  let told: Buffer[][] = [];
  await eventually('the totals that the clients hold', async () => {
    told = await Promise.all(asked.map((client) => askAll(client)));
    return JSON.stringify(told) === JSON.stringify(expected);
  }).catch(() => undefined);
  assert.deepEqual(told, expected);
}

async function askAll(client: TableClient): Promise<Buffer[]> {
  const answers: Buffer[] = [];
  for (let device = 0; device < TABLE_DEVICES; device++) answers.push(await client.query(device));
  return answers;
}

describe('64 clients that know the protocol from its tables', () => {
  it('in three dialects at once agree with the server byte for byte, again and again', async () => {
    await withClients(CLIENTS, async (clients) => {
      for (let round = 0; round < 3; round++) {
        const held = await Promise.all(clients.map((client) => client.run(300)));
        await agree(clients, sumTotals(held));
      }
    });
  });

  it('half of them killed in the middle: the totals are those of the others within a second', async () => {
    await withClients(CLIENTS, async (clients) => {
      const held = await Promise.all(clients.map((client) => client.run(300)));
      const [living, doomed] = [clients.slice(0, CLIENTS / 2), clients.slice(CLIENTS / 2)];
      await Promise.all(doomed.map((client) => client.churn()));
      await Promise.all(doomed.map((client) => client.kill()));
      const start = performance.now();
      await agree(living, sumTotals(held.slice(0, CLIENTS / 2)));
      const took = performance.now() - start;
      // Half of it is the asking, three clients and four devices one after another.
      assert.ok(took < 1000, `${took} ms`);
    });
  });

  it('are told the capacity of a device where dialects tell it', async () => {
    const host = await createSimulatedHost('n150');
    try {
      await withClients(
        3,
        async ([, b, c]) => {
          const frames = [await b?.info(0), await c?.info(0), await c?.info(-1)];
          const [infoB, infoC, all] = frames;
          assert.deepEqual(
            [infoB?.readUInt8(0), infoB?.readBigUInt64LE(72), infoB?.readBigUInt64LE(80), infoB?.readUInt32LE(88)],
            [7, 12n * 2n ** 30n, 72n * 1_499_136n, 2],
          );
          assert.deepEqual(infoC?.subarray(88, 128), infoB?.subarray(72, 112));
          assert.deepEqual(
            [all?.readInt32LE(4), all?.readBigUInt64LE(24), all?.readUInt32LE(120), all?.readUInt32LE(124)],
            [-1, 0x5454_4143_0000_0001n, 1, 1],
          );
        },
        [`--path.sysfs=${host.sysfs}`],
      );
    } finally {
      await host.close();
    }
  });
});
