import assert from 'node:assert/strict';
import { Snapshots } from '../../../src/allocation-server/answers/snapshots.ts';
import { AllocationBooks } from '../../../src/allocation-server/books/allocation-books.ts';
import { Connection } from '../../../src/allocation-server/connection/connection.ts';
import { RequestDesk } from '../../../src/allocation-server/connection/request-desk.ts';
import { WaitingRoom } from '../../../src/allocation-server/connection/waiting-reports.ts';
import { HostProcesses } from '../../../src/allocation-server/identity/host-processes.ts';
import { LifeWatch } from '../../../src/allocation-server/identity/life-watch.ts';
import { Reporters } from '../../../src/allocation-server/identity/reporters.ts';
import { BoundedOutput } from '../../../src/allocation-server/output/bounded-output.ts';
import { Dumps } from '../../../src/allocation-server/output/dumps.ts';
import { encodeDeviceInfoQuery, encodeQuery, encodeSnapshotQuery } from '../../../src/protocol/requests.ts';
import { SERVER } from '../../allocation-server/books/take-snapshot.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { checkBooks } from '../oracles/books.ts';
import { ByteSource, pieces } from '../oracles/byte-source.ts';
import { PlayedSocket } from '../oracles/played-socket.ts';
import { streamSeeds } from './server-stream.ts';

const LIMITS = { devices: 8, devicesAProcess: 6, buffersAProcess: 50 };
const WAIT_MS = 4000;

/** A whole connection of tt-allocation-server: reports and requests of one peer, to its answers. First byte: how it is cut. */
export const SERVER_CONNECTION: FuzzTarget = {
  name: 'server-connection',
  seeds: () => {
    const requests = [encodeQuery('C', 0), encodeDeviceInfoQuery('C', -1), encodeSnapshotQuery(), encodeQuery('C', 3)];
    return [
      ...streamSeeds(),
      ...requests.map((request) => Buffer.concat([Buffer.of(0), request])),
      Buffer.concat([Buffer.of(50), ...requests, encodeQuery('C', 7)]),
      Buffer.concat([Buffer.of(2), encodeDeviceInfoQuery('B', -1), encodeQuery('B', 1)]),
      Buffer.concat([Buffer.of(1), encodeQuery('A', 1)]),
    ];
  },
  tokens: ['\x03\0\0\0', '\x05\0\0\0', '\x06\0\0\0', '\x01\0\0\0', '\x0c\0\0\0', '\xff\xff\xff\xff', '\0'.repeat(40)],
  maxBytes: 2048,
  async run(input) {
    const source = new ByteSource(input);
    const cut = source.byte();
    const played = new PlayedSocket(pieces(source.rest(), cut));
    const books = new AllocationBooks(LIMITS);
    const reporters = new Reporters({ books, processes: new HostProcesses('/proc') });
    const output = new BoundedOutput({ writableLength: 0, write: () => true, on: () => undefined });
    const connection = new Connection(
      played.socket,
      { kind: 'unknown' },
      {
        books,
        reporters,
        watch: new LifeWatch(reporters),
        room: new WaitingRoom(),
        snapshots: new Snapshots(
          books,
          () => SERVER,
          () => undefined,
        ),
        dumps: new Dumps(books, output),
        desk: new RequestDesk(),
        startedAt: 1n,
        onReport: undefined,
      },
    );
    await isOver(connection, played);
    assert.ok(connection.isServed, 'it ends before it has answered everything');
    assert.deepEqual(reporters.all(), [], 'processes are left that nobody reports for');
    checkBooks(books);
  },
};

/** The peer has ended: so must this end, when everything is answered. */
async function isOver(connection: Connection, played: PlayedSocket): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error('the connection stays open'));
  }, WAIT_MS);
  try {
    await Promise.race([connection.over, late.promise]);
  } finally {
    clearTimeout(timer);
    played.destroy();
  }
}
