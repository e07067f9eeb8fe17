import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { DIALECTS } from '../../src/protocol/layout.ts';
import { connectReporter } from '../../src/simulator/reporter.ts';
import { seededRandom } from '../../src/simulator/random.ts';
import { eventually } from '../support/eventually.ts';
import { snapshot, totals } from './support/ask.ts';
import { buildNative } from './support/built.ts';
import { startServer } from './support/start-server.ts';

/** TT_FUZZ_ROUNDS=20000 is some minutes. */
const ROUNDS = Number(process.env['TT_FUZZ_ROUNDS'] ?? 60);

before(() => {
  buildNative();
});

/** Bytes that are wrong in one of the ways in which bytes are wrong. */
function hostileBytes(random: () => number): Buffer {
  const bytes = Buffer.alloc(1 + Math.floor(random() * 400));
  const kind = Math.floor(random() * 3);
  for (let at = 0; at < bytes.length; at++) {
    if (kind === 0) bytes[at] = Math.floor(random() * 256);
    else if (kind === 1 && at % 72 < 40) bytes[at] = random() < 0.3 ? Math.floor(random() * 256) : 0;
    else if (kind === 2) bytes[at] = random() < 0.05 ? Math.floor(random() * 13) : 0;
  }
  return bytes;
}

test('whatever is sent to the socket, the totals of those who report rightly stay right', async () => {
  const server = await startServer();
  const random = seededRandom(11);
  const honest = await Promise.all(DIALECTS.map((dialect) => connectReporter(server.path, dialect)));
  // A device that no hostile byte is likely to name.
  const of = { pid: process.pid, device: 41_003, size: 4096, type: 'L1' } as const;
  let live = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const hostile = await connectReporter(server.path, 'C');
    for (let times = 0; times < 8; times++) hostile.raw(hostileBytes(random));
    await hostile.flush().catch(() => undefined);
    for (const [index, reporter] of honest.entries()) {
      const id = BigInt(round * 10 + index);
      reporter.alloc({ ...of, id });
      if (round % 3 === 0) reporter.free({ ...of, id });
      else live++;
      await reporter.flush();
    }
    await hostile.close();
    // The kernel keeps so many connections for a server that is slower than this, and refuses more.
    if (round % 500 === 499) await totals(server.path);
  }
  await eventually('the totals', async () => (await totals(server.path, 'C', of.device)).l1 === live * of.size);
  const { server: counters } = await snapshot(server.path);
  assert.ok((counters.rejectedMessages['out_of_step'] ?? 0) > 0);
  // Three that report, and the one that asks: nothing is left of the others.
  assert.equal(counters.connections, 4);
  for (const reporter of honest) await reporter.close();
  assert.equal(await server.stop(), 0);
});
