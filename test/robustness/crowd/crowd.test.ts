import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createGalaxyLoad } from '../../../src/simulator/galaxy-load.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { startExporter } from '../../support/start-exporter.ts';
import type { RunningExporter } from '../../support/start-exporter.ts';
import { getPage } from '../get-page.ts';
import type { Page } from '../get-page.ts';
import { forgetPeak, pidsOf, residentBytes } from '../process-state.ts';

const CLIENTS = 200;
/** Of both processes together: 40 pages of 2 MB that their clients do not take, and what collecting them leaves behind. */
const MOST_MORE_BYTES = 200e6;
/** On a machine that does several things at once. */
const PROMPT_MS = 3000;
const GET = 'GET /metrics HTTP/1.1\r\nHost: x\r\n';

let host: SimulatedHost;
let exporter: RunningExporter;
let restBytes = 0;
const clients = new Set<Socket>();

before(async () => {
  host = await createGalaxyLoad();
  exporter = await startExporter(host.flags());
  for (let scrapes = 0; scrapes < 20; scrapes++) await getPage(`${exporter.url}/metrics`, 30);
  restBytes = resident('now');
});
after(async () => {
  await exporter.stop();
  await host.close();
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  clients.clear();
  const { server } = pidsOf(exporter);
  await eventually('all connections to be over', () => readdirSync(`/proc/${server}/fd`).length < CLIENTS / 2);
});

function resident(which: 'now' | 'peak'): number {
  const { server, reader } = pidsOf(exporter);
  return residentBytes(server)[which] + residentBytes(reader)[which];
}

async function connect(): Promise<Socket> {
  const socket = createConnection(Number(new URL(exporter.url).port), '127.0.0.1');
  clients.add(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function connectAll(count = CLIENTS): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, connect));
}

/** What the exporter does for others while `crowd` hangs on it, and what it costs. */
async function assertUnharmed(t: TestContext, crowd: () => Promise<void>): Promise<void> {
  const { server, reader } = pidsOf(exporter);
  forgetPeak(server);
  forgetPeak(reader);
  await crowd();
  for (let times = 0; times < 5; times++) {
    const healthy = await getPage(`${exporter.url}/-/healthy`);
    assert.deepEqual([healthy.status, healthy.body], [200, 'healthy\n']);
    assert.ok(healthy.milliseconds < PROMPT_MS, `healthy after ${healthy.milliseconds} ms`);
  }
  assertHonest(await getPage(`${exporter.url}/metrics`, 10));
  const more = resident('peak') - restBytes;
  t.diagnostic(`${(more / 1e6).toFixed(1)} MB more`);
  assert.ok(more < MOST_MORE_BYTES, `${(more / 1e6).toFixed(1)} MB more`);
  assert.deepEqual(pidsOf(exporter), { server, reader });
}

/** A whole page, or a 503 that says why. */
function assertHonest({ status, body }: Page): void {
  if (status === 503) assert.equal(body, '40 scrapes are under way, which is the limit: try again later\n');
  else {
    assert.equal(status, 200);
    parseExposition(Buffer.from(body), 'text');
    assert.ok(body.includes('\ntt_device_temperature_celsius{device="31"'), 'the page is not whole');
  }
}

describe('two hundred clients at once', () => {
  it('that ask for the page get it, or an honest 503', async (t) => {
    await assertUnharmed(t, async () => {
      const pages = await Promise.all(Array.from({ length: CLIENTS }, () => getPage(`${exporter.url}/metrics`, 30)));
      for (const page of pages) assertHonest(page);
      assert.ok(pages.some(({ status }) => status === 200));
      assert.ok(pages.some(({ status }) => status === 503));
    });
  });

  it('that take their page a byte a second', async (t) => {
    await assertUnharmed(t, async () => {
      const sockets = await connectAll();
      for (const socket of sockets) {
        // Nothing is taken but what the kernel has room for; a byte now and then keeps the connection busy.
        socket.pause();
        socket.write(`${GET}\r\n`);
        const timer = setInterval(() => {
          socket.read(1);
        }, 1000);
        socket.on('close', () => {
          clearInterval(timer);
        });
      }
      await eventually('their answers', () => sockets.every(({ readableLength }) => readableLength > 0), 60);
    });
  });

  it('that send half a request, or nothing, and stay', async (t) => {
    await assertUnharmed(t, async () => {
      const sockets = await connectAll();
      for (const [index, socket] of sockets.entries()) {
        if (index % 3 === 0) socket.write(GET);
        if (index % 3 === 1) socket.write(`${GET}\r\n`, () => socket.end());
      }
    });
  });

  it('that ask and go away at once', async (t) => {
    await assertUnharmed(t, async () => {
      for (let rounds = 0; rounds < 3; rounds++) {
        for (const socket of await connectAll()) socket.write(`${GET}\r\n`, () => socket.resetAndDestroy());
      }
    });
  });

  it('that send headers without end', async (t) => {
    await assertUnharmed(t, async () => {
      const sockets = await connectAll();
      const ended = Promise.all(
        sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))),
      );
      const bomb = `${GET}${Array.from({ length: 3000 }, (_, index) => `X-${index}: ${'x'.repeat(100)}\r\n`).join('')}`;
      for (const socket of sockets) socket.write(bomb);
      await ended;
    });
  });
});
