import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, linkSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { findingsOf } from '../../src/check/findings.ts';
import { openCheckedHost } from '../../src/check/gather-facts.ts';
import { lookAtAddress } from '../../src/check/look-at-address.ts';
import { parseListenAddress } from '../../src/flags/listen-address.ts';
import { parseCommandLine } from '../../src/flags/parse.ts';
import { startExtensionServer } from '../../src/simulator/extension-server.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import type { StockFault } from '../../src/simulator/stock-faults.ts';
import { startStockServer } from '../../src/simulator/stock-server.ts';

const N150 = {
  arch: 'wormhole',
  dramBytes: 12 * 2 ** 30,
  dramChannels: 12,
  l1Bytes: 72 * 1499136,
  l1BytesPerCore: 1499136,
} as const;
const folder = mkdtempSync(join(tmpdir(), 'states-'));
after(() => {
  rmSync(folder, { recursive: true });
});

let host: SimulatedHost;
beforeEach(async () => {
  host = await createSimulatedHost('n150');
});
afterEach(async () => {
  await host.close();
});

/** What check finds of one area, a line each; SOCKET and FOLDER stand for the paths. */
async function found(area: string, ...flags: string[]): Promise<string[]> {
  const { settings } = parseCommandLine([
    'check',
    '--read-timeout=1',
    '--web.listen-address=:0',
    ...host.flags(),
    ...flags,
  ]);
  const checked = await openCheckedHost(settings);
  const findings = findingsOf(await checked.facts());
  // Whoever still owes an answer gives it before it is let go of.
  closing.push(checked.close());
  return findings
    .filter((finding) => finding.area === area)
    .map(({ state, summary, advice }) =>
      `${state}: ${summary}${advice === undefined ? '' : ` -> ${advice}`}`
        .replaceAll(host.socket, 'SOCKET')
        .replaceAll(folder, 'FOLDER'),
    );
}

const closing: Promise<void>[] = [];

async function ofServer(fault: StockFault | undefined, dialect: 'A' | 'B' | 'C' = 'B'): Promise<string[]> {
  const server = await startStockServer({ path: host.socket, dialect, devices: [N150], ...(fault && { fault }) });
  try {
    return await found('allocation_server');
  } finally {
    await server.close();
    await Promise.all(closing.splice(0));
  }
}

describe('check says of a server that', () => {
  it('answers, what it speaks', async () => {
    const answers = 'totals of chips only, not of processes';
    assert.deepEqual(await ofServer(undefined, 'A'), [
      `ok: answers in dialect A, ${answers}; of how many chips it does not say`,
    ]);
    assert.deepEqual(await ofServer(undefined, 'B'), [`ok: answers in dialect B, ${answers}; 1 chip`]);
    assert.deepEqual(await ofServer(undefined, 'C'), [`ok: answers in dialect C, ${answers}; 1 chip`]);
  });

  const faults: readonly (readonly [fault: StockFault, text: string])[] = [
    [{ kind: 'late' }, 'the server did not answer in time: is it stuck? (no_answer)'],
    [{ kind: 'late', answers: 2 }, '224 of 336 bytes of answers came in time (late_answer)'],
    [{ kind: 'half' }, 'the server answered the probe, but did not close (no_end)'],
    [{ kind: 'garbage' }, 'the answer to the probe is none: pad at 1: is not zero (garbage)'],
    [{ kind: 'too_much' }, 'the server sent 224 bytes where 144 were asked for (extra_bytes)'],
    [{ kind: 'short' }, 'the server answered the probe with 96 bytes, no known size (unknown_dialect)'],
    [{ kind: 'close_early', answers: 0 }, 'the server closed without an answer to the probe (closed_early)'],
    [{ kind: 'close_at_once' }, 'the server closed without an answer to the probe (closed_early)'],
  ];
  for (const [fault, text] of faults) {
    it(`fails like this: ${JSON.stringify(fault)}`, async () => {
      assert.deepEqual(await ofServer(fault), [`failed: ${text}`]);
    });
  }

  it('has a document that is none', async () => {
    const server = await startExtensionServer({ path: host.socket, startedAt: 5n, document: Buffer.from('{}') });
    try {
      assert.deepEqual(await found('allocation_server'), [
        "failed: the server's document: schema: is missing (bad_document)",
      ]);
    } finally {
      await server.close();
    }
  });

  it('is not there, or not to be believed', async () => {
    assert.deepEqual(await found('allocation_server'), [
      'absent: no server at SOCKET -> needed only for workloads that report to one: tt-allocation-server',
    ]);
    writeFileSync(host.socket, '');
    assert.deepEqual(await found('allocation_server'), [
      'failed: SOCKET is no socket: remove it or give another path (not_a_socket)',
    ]);
    rmSync(host.socket);
    const server = await startStockServer({ path: host.socket, dialect: 'B', devices: [N150] });
    chownSync(host.socket, 4242, 4242);
    assert.deepEqual(await found('allocation_server'), [
      'failed: SOCKET belongs to uid 4242, not to root or uid 0: if that user runs the server, name it with --allocation-server.owner (untrusted_socket)',
    ]);
    linkSync(host.socket, `${host.socket}.left`);
    await server.close();
    renameSync(`${host.socket}.left`, host.socket);
    chownSync(host.socket, 0, 0);
    assert.deepEqual(await found('allocation_server'), [
      'failed: SOCKET: nobody listens there: start the server, or remove the file it left behind (refused)',
    ]);
  });
});

describe('check says of an address', () => {
  it('that nobody can listen there', async () => {
    assert.deepEqual(await lookAtAddress(parseListenAddress('203.0.113.7:1')), {
      address: '203.0.113.7:1',
      state: 'not_possible',
      problem: 'EADDRNOTAVAIL',
    });
  });

  it('at a Unix socket what is there', async () => {
    const path = join(folder, 'web.sock');
    const look = () => lookAtAddress(parseListenAddress(`unix:${path}`));
    assert.deepEqual(await look(), { address: `unix:${path}`, state: 'free', problem: undefined });
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsomething')).listen(
      path,
    );
    await once(server, 'listening');
    assert.deepEqual(await look(), { address: `unix:${path}`, state: 'taken', problem: undefined });
    server.close();
  });
});

describe('check says of a configuration file', () => {
  it('what is wrong with it', async () => {
    const capacity = join(folder, 'capacity.yml');
    const web = join(folder, 'web.yml');
    writeFileSync(capacity, 'boards:\n  n150: { cores: many }\n');
    writeFileSync(web, 'tls_server_config:\n  cert_file: nowhere.pem\n  key_file: nowhere.key\n');
    const flags = [`--capacity.config.file=${capacity}`, `--web.config.file=${web}`];
    assert.deepEqual(await found('configuration', ...flags), [
      'failed: --capacity.config.file: FOLDER/capacity.yml:2: cores of "n150" must be a whole number from 1 to 1024 -> mend the file, or leave the flag out',
      "failed: --web.config.file: FOLDER/web.yml:2: cert_file FOLDER/nowhere.pem: cannot be read: ENOENT: no such file or directory, open 'FOLDER/nowhere.pem' -> mend the file, or leave the flag out",
    ]);
    writeFileSync(capacity, 'boards:\n  n150: { cores: 72 }\n');
    writeFileSync(web, 'http_server_config:\n  http2: false\n');
    assert.deepEqual(await found('configuration', ...flags), [
      'ok: --capacity.config.file: FOLDER/capacity.yml is good',
      'ok: --web.config.file: FOLDER/web.yml is good',
    ]);
  });
});
