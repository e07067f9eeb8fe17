import { encodeDeviceInfoResponse, encodeResponse } from '../../../src/protocol/answers.ts';
import { ALL_DEVICES, STOCK_DEVICES } from '../../../src/protocol/messages.ts';
import { allDevicesFields, deviceFields } from '../../../src/simulator/stock-device-info.ts';
import { ServerConnection } from '../../../src/sources/allocation-server/connection.ts';
import { converse } from '../../../src/sources/allocation-server/conversation.ts';
import { ServerRun } from '../../../src/sources/allocation-server/run.ts';
import { card, hostProcess, procfs } from '../../support/readings.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { ByteSource, pieces } from '../oracles/byte-source.ts';
import { checkPage } from '../oracles/page.ts';
import { PlayedSocket } from '../oracles/played-socket.ts';

const DIALECTS = ['A', 'B', 'C'] as const;
const CARDS = [
  card({ index: 0, arch: 'wormhole', board: 'n150', serial: 0x010001861180b479n, driverIndex: 0 }),
  card({ index: 1, arch: 'wormhole', board: 'n300', serial: 0x010001451170c0c4n, driverIndex: 1 }),
];

/** What a server answers, byte by byte, to the page. First byte: the dialect; second: how the bytes are cut. */
export const SERVER_ANSWERS: FuzzTarget = {
  name: 'server-answers',
  seeds: stockSeeds,
  tokens: ['\x03\0\0\0', '\x07\0\0\0', 'CATT', '\xff\xff\xff\xff\xff\xff\xff\xff'],
  maxBytes: 8192,
  async run(input) {
    const source = new ByteSource(input);
    const dialect = DIALECTS[source.byte() % DIALECTS.length] ?? 'C';
    await readAnswers(dialect, source.byte(), source.rest());
  },
};

/** Has the exporter's client read what a server of that dialect sends, to the page. */
export async function readAnswers(dialect: (typeof DIALECTS)[number], cut: number, bytes: Buffer): Promise<void> {
  const { connected } = new PlayedSocket(pieces(bytes, cut));
  const run = new ServerRun(
    new AbortController().signal,
    async ({ draft, plausibility, signal }) => {
      const connection = new ServerConnection(connected, signal);
      try {
        await converse(connection, dialect, draft, plausibility);
        return { kind: 'read' };
      } finally {
        connection.release(true);
      }
    },
    () => undefined,
  );
  await run.done;
  const { data, errors, outcome } = run.state();
  const unexpected = errors.find(({ message }) => message.startsWith('unexpected: '));
  if (unexpected !== undefined) throw new Error(unexpected.message);
  const processes = [1, 17, 4242].map((pid) => hostProcess(pid));
  checkPage({
    sysfs: { driverVersion: '2.10.0', cards: CARDS },
    procfs: procfs({ processes, devices: { 0: [1], 1: [4242] } }),
    allocationServer: data,
    allocationServerFailed: outcome === 'failed',
  });
}

/** Every answer of a stock server of each dialect, whole and cut. */
function stockSeeds(): Buffer[] {
  const totals = { dram: 2 ** 30, l1: 4096, l1Small: 512, trace: 64, cb: 128, kernel: 256 };
  const device = {
    arch: 'wormhole',
    dramBytes: 12 * 2 ** 30,
    dramChannels: 6,
    l1Bytes: 95_944_704,
    l1BytesPerCore: 1_499_136,
  } as const;
  // As after an underflow.
  const absurd = { ...totals, dram: 2n ** 64n - 1n, cb: 2n ** 63n };
  return DIALECTS.flatMap((dialect, index) => {
    const frames = Array.from({ length: STOCK_DEVICES }, (_, id) => {
      const response = encodeResponse(dialect, id, id === 1 ? absurd : totals);
      if (dialect === 'A') return response;
      return Buffer.concat([
        response,
        encodeDeviceInfoResponse(dialect, id, deviceFields(dialect, id < 2 ? device : undefined)),
      ]);
    });
    const all = dialect === 'A' ? [] : [encodeDeviceInfoResponse(dialect, ALL_DEVICES, allDevicesFields(2))];
    return [0, 1, 50].map((cut) => Buffer.concat([Buffer.of(index, cut), ...all, ...frames]));
  });
}
