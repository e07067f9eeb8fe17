import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { CaptureServer } from './capture-server.ts';
import { compileDriver, LANGUAGES, startDriver } from './driver.ts';
import type { Driver, DriverOptions, Language } from './driver.ts';
import { liveAfter, reportsIn, withoutOrigin } from './frames.ts';

const folder = mkdtempSync(join(tmpdir(), 'tt-clients-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
});
const plain = compileDriver(folder, 'plain');
const sanitized = compileDriver(folder, 'sanitized', [
  '-g',
  '-O1',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover',
]);

/** One of each call, a reference, an address that two memories have, and frees of what nobody allocated. */
const SCRIPT = [
  'alloc 0 0x1000 4096 0',
  'alloc 0 0x1000 4096 0',
  'alloc 3 0xfffffffffffffff0 0x20000000000001 1',
  'alloc 0 0x1000 512 3',
  'free 0 0x1000',
  'free 0 0x9999',
  'alloc 31 7 1 4',
  'alloc 1 8 65536 2',
  'cb 0 0x1000 2048',
  'cores 0 0x2000 3072 1 2 3 4 1024',
  'cbfree 0 0x1000',
  'cbfree 0 0x1001',
  'load 0 77 900 2',
  'load 0 78 901 0',
  'unload 0 77',
  'stats 0 1 1000 600 400 250',
  'failed 0 0 0x8000000000 250',
  'free 31 7',
];

async function atWork(
  language: Language,
  options: Partial<DriverOptions>,
  run: (driver: Driver, server: CaptureServer) => Promise<void>,
  stands = false,
): Promise<void> {
  const path = join(folder, `${crypto.randomUUID()}.sock`);
  const server = await CaptureServer.start(path, stands);
  const driver = startDriver(language, sanitized, { socketPath: path, ...options });
  try {
    await run(driver, server);
  } finally {
    await server.close();
    assert.deepEqual(await driver.close(0), { code: 0, signal: null, stderr: '' });
  }
}

/** What the script makes of the wire in one language. */
async function record(language: Language, program: string, options: Partial<DriverOptions>): Promise<Buffer> {
  const path = join(folder, `${crypto.randomUUID()}.sock`);
  const server = await CaptureServer.start(path);
  const driver = startDriver(language, program, { socketPath: path, ...options });
  await connection(driver);
  driver.say(...SCRIPT);
  assert.deepEqual(await driver.close(), { code: 0, signal: null, stderr: '' });
  await server.close();
  return server.bytes;
}

function connection(driver: Driver): Promise<boolean> {
  return eventually('the connection', async () => (await driver.counts()).connected);
}

describe('the same calls are the same bytes in C, Python and TypeScript', () => {
  const cases = [
    { frameBytes: 72, frames: 8 },
    { frameBytes: 112, frames: 8 },
    { frameBytes: 144, frames: 14 },
    { frameBytes: 144, extension: true, frames: 16 },
  ] as const;
  for (const { frames, ...options } of cases) {
    it(JSON.stringify(options), async () => {
      const { frameBytes } = options;
      const [c, python, typescript, checked] = await Promise.all([
        record('c', plain, options),
        record('python', plain, options),
        record('typescript', plain, options),
        record('c', sanitized, options),
      ]);
      assert.equal(c.length, frames * frameBytes);
      for (const other of [python, typescript, checked]) {
        assert.deepEqual(withoutOrigin(other, frameBytes), withoutOrigin(c, frameBytes));
      }
    });
  }
});

for (const language of LANGUAGES) {
  describe(`the reporting client in ${language}`, () => {
    it('says whose a report is and when it was made', async () => {
      await atWork(language, {}, async (driver, server) => {
        await connection(driver);
        const before = BigInt(Date.now() - 1) * 1_000_000n;
        driver.say('alloc 0 1 100 0', 'free 0 1', 'cb 0 2 50');
        const bytes = await eventually('the reports', () => server.bytes.length >= 432 && server.bytes);
        const reports = reportsIn(bytes, 144);
        const times = reports.map((report) => ('timestamp' in report ? report.timestamp : undefined));
        const after = BigInt(Date.now() + 1) * 1_000_000n;
        assert.deepEqual(
          reports.map(({ kind, processId }) => [kind, processId]),
          ['alloc', 'free', 'cb_alloc'].map((kind) => [kind, driver.pid]),
        );
        assert.equal(times[1], undefined);
        for (const time of [times[0], times[2]]) assert.ok(time !== undefined && time >= before && time <= after);
      });
    });

    it('does nothing unless TT_ALLOC_TRACKING_ENABLED is 1', async () => {
      for (const tracking of ['0', '', 'true', '11']) {
        await atWork(language, { tracking }, async (driver, server) => {
          driver.say('alloc 0 1 100 0', 'free 0 1');
          const none = {
            enabled: false,
            connected: false,
            connections: 0,
            sent: 0,
            dropped: 0,
            unknownFrees: 0,
            live: 0,
          };
          assert.deepEqual(await driver.counts(), none);
          assert.equal(server.connections.length, 0);
        });
      }
    });

    it('does not wait for a server that stops reading, and tells it what is live once it reads again', async () => {
      await atWork(
        language,
        { maxQueued: 100 },
        async (driver, server) => {
          driver.say('alloc 0 0xaaaa 1 0');
          await connection(driver);
          driver.say('allocs 0 1 20000 10', 'frees 0 1 19000', 'free 0 0xaaaa', 'alloc 0 0xaaaa 2 1', 'cb 1 5 6');
          const counts = await driver.counts();
          assert.equal(counts.live, 1002);
          assert.ok(counts.dropped > 20_000, `${counts.dropped} dropped`);
          server.connections[0]?.socket.resume();
          await eventually('everything', async () => {
            const { sent } = await driver.counts();
            return (
              sent > 0 &&
              server.bytes.length === sent * 144 &&
              Object.keys(liveAfter(reportsIn(server.bytes, 144))).length === 1002
            );
          });
          const live = liveAfter(reportsIn(server.bytes, 144));
          assert.deepEqual([live['buffer:0:43690'], live['cb:1:5'], live['buffer:0:20000']], [[2], [6], [10]]);
          assert.equal((await driver.counts()).connections, 1);
        },
        true,
      );
    });

    it('reports what is live to a server that comes back, in order, and nothing else', async () => {
      await atWork(language, {}, async (driver, server) => {
        await connection(driver);
        driver.say(
          'alloc 0 1 100 0',
          'alloc 0 1 100 0',
          'alloc 0 2 200 1',
          'load 0 3 300 1',
          'free 0 2',
          'alloc 5 2 50 4',
        );
        await eventually('the first reports', () => server.bytes.length === 6 * 144);
        const first = reportsIn(server.bytes, 144);
        await server.close();
        await eventually('the loss to be seen', async () => !(await driver.counts()).connected);
        driver.say('alloc 0 9 900 0', 'free 0 9', 'alloc 0 4 400 0');
        const second = await CaptureServer.start(server.path);
        try {
          await eventually('them again', () => second.bytes.length === 5 * 144);
          const [a, b, , load, , trace] = first;
          const again = reportsIn(second.bytes, 144);
          assert.deepEqual(again.slice(0, 4), [a, b, load, trace]);
          assert.deepEqual(liveAfter(again.slice(4)), { 'buffer:0:4': [400] });
          const counts = await driver.counts();
          assert.deepEqual(
            { ...counts, sent: undefined },
            { enabled: true, connected: true, connections: 2, sent: undefined, dropped: 2, unknownFrees: 0, live: 5 },
          );
        } finally {
          await second.close();
        }
      });
    });

    it('outlives a server that goes while it sends, over and over', async () => {
      await atWork(language, {}, async (driver, first) => {
        let server = first;
        for (let round = 1; round <= 4; round++) {
          driver.say(`allocs 0 ${round * 100_000} 3000 1`);
          await eventually('some reports', () => server.bytes.length > 0);
          await server.close();
          driver.say(`frees 0 ${round * 100_000} 2900`);
          server = await CaptureServer.start(first.path);
        }
        await eventually('all that is live', () => Object.keys(liveAfter(whole(server))).length === 400);
        await server.close();
      });
    });

    it('waits for a server that is not there yet', async () => {
      const path = join(folder, `${crypto.randomUUID()}.sock`);
      const driver = startDriver(language, sanitized, { socketPath: path });
      driver.say('alloc 0 1 100 0', 'alloc 0 2 100 0', 'free 0 1');
      const { dropped, live, connections } = await driver.counts();
      assert.deepEqual({ dropped, live, connections }, { dropped: 2, live: 1, connections: 0 });
      const server = await CaptureServer.start(path);
      await eventually('the report', () => server.bytes.length === 144);
      assert.deepEqual(liveAfter(reportsIn(server.bytes, 144)), { 'buffer:0:2': [100] });
      assert.deepEqual(await driver.close(), { code: 0, signal: null, stderr: '' });
      await server.close();
    });

    it('closes in time though the server stands still', async () => {
      await atWork(
        language,
        {},
        async (driver) => {
          await connection(driver);
          driver.say('allocs 0 1 5000 1');
          await driver.counts();
          const start = performance.now();
          assert.deepEqual(await driver.close(300), { code: 0, signal: null, stderr: '' });
          assert.ok(performance.now() - start < 5000);
        },
        true,
      );
    });
  });
}

/** The whole frames that came to a server that may be in the middle of one. */
function whole(server: CaptureServer): ReturnType<typeof reportsIn> {
  const { bytes } = server;
  return reportsIn(bytes.subarray(0, bytes.length - (bytes.length % 144)), 144);
}

for (const language of ['c', 'python'] as const) {
  it(`a fork()ed child of the ${language} client reports for itself over its own connection`, async () => {
    const path = join(folder, `${crypto.randomUUID()}.sock`);
    const server = await CaptureServer.start(path);
    // The sanitizers' own threads do not live through a fork().
    const driver = startDriver(language, plain, { socketPath: path });
    driver.say('alloc 0 1 100 0');
    await eventually('the parent', () => server.bytes.length === 144);
    const { child, status } = (await driver.ask('fork')) as { child: number; status: number };
    await eventually('the child', () => server.bytes.length === 288);
    driver.say('alloc 0 2 100 0');
    await eventually('the parent again', () => server.bytes.length === 432);
    const seen = server.connections.map(({ bytes }) => reportsIn(bytes, 144).map((r) => [r.processId, liveAfter([r])]));
    assert.equal(status, 0);
    assert.deepEqual(seen, [
      [
        [driver.pid, { 'buffer:0:1': [100] }],
        [driver.pid, { 'buffer:0:2': [100] }],
      ],
      [[child, { 'buffer:0:240': [15] }]],
    ]);
    assert.deepEqual(await driver.close(), { code: 0, signal: null, stderr: '' });
    await server.close();
  });
}

it('the C client is free of data races', async () => {
  const program = compileDriver(folder, 'threads', ['-g', '-O1', '-fsanitize=thread']);
  const path = join(folder, `${crypto.randomUUID()}.sock`);
  let server = await CaptureServer.start(path);
  const driver = startDriver('c', program, { socketPath: path, maxQueued: 64 });
  driver.say('allocs 0 1 2000 1', 'frees 0 1 1990');
  await eventually('some reports', () => server.bytes.length > 0);
  await server.close();
  server = await CaptureServer.start(path);
  driver.say('allocs 0 5000 2000 1');
  await eventually('all that is live', () => Object.keys(liveAfter(whole(server))).length === 2010);
  assert.deepEqual(await driver.close(), { code: 0, signal: null, stderr: '' });
  await server.close();
});
