import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeResponse } from '../../../src/protocol/answers.ts';
import { FRAME_BYTES } from '../../../src/protocol/layout.ts';
import { before } from '../../../src/sources/allocation-server/before.ts';
import { PeerError } from '../../../src/sources/allocation-server/peer-error.ts';
import { newScene, openDescriptors, scrape, until } from './support.ts';

const NO_TOTALS = { dram: 0, l1: 0, l1Small: 0, trace: 0, cb: 0, kernel: 0 };

/** What a connection is answered, piece by piece, before it is ended. */
const pieces = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(...(['A', 'B', 'C'] as const).map((dialect) => encodeResponse(dialect, 0, NO_TOTALS))),
    fc
      .tuple(fc.integer({ min: 1, max: 70 }), fc.uint8Array({ minLength: 143, maxLength: 143 }))
      .map(([type, rest]) => Buffer.from([type, 0, 0, 0, ...rest.subarray(3)])),
  ),
  { maxLength: 6 },
);

describe('a hostile server', () => {
  it('gets nothing but a failure, whatever it answers, and leaves nothing open', async (t) => {
    const scene = await newScene(t);
    const answers: (readonly Uint8Array[])[] = [];
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      const parts = answers.shift() ?? [];
      socket.once('data', () => {
        for (const part of parts) socket.write(part);
        socket.end();
      });
    }).listen(scene.path);
    await once(server, 'listening');
    scene.defer(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    });
    const descriptors = await openDescriptors();
    const probes = fc.constantFrom(...(['A', 'B', 'C'] as const));
    await fc.assert(
      fc.asyncProperty(fc.option(probes), pieces, async (dialect, parts) => {
        // A right answer to the probe takes it to the scrape; without one it meets the rest at the probe.
        const probe = dialect === null ? [] : [[encodeResponse(dialect, 0, NO_TOTALS)]];
        answers.splice(0, answers.length, ...probe, parts);
        const source = scene.source();
        const state = await scrape(source);
        assert.equal(state.outcome, 'failed');
        assert.ok(state.errors.length > 0 && state.errors.every(({ reason }) => /^[a-z_]+$/.test(reason)));
        assert.ok((state.data?.devices.length ?? 0) < FRAME_BYTES.A);
        await source.close();
        assert.equal(source.parked(), 0);
      }),
      { numRuns: 150 },
    );
    await until(async () => (await openDescriptors()) <= descriptors, 'descriptors closed');
  });
});

describe('before', () => {
  it('gives what comes in time, and PeerError where it does not', async () => {
    const never = Promise.withResolvers<number>().promise;
    const stop = new AbortController();
    assert.equal(await before(stop.signal, Promise.resolve(3), 'late'), 3);
    const late = before(stop.signal, never, 'it hangs');
    stop.abort();
    const deadline = (error: unknown): boolean => error instanceof PeerError && error.fault === 'deadline';
    await assert.rejects(late, deadline);
    await assert.rejects(before(stop.signal, never, 'it hangs'), deadline);
  });
});
