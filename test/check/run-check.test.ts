import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { startExporter, startProgram } from '../support/start-exporter.ts';

const folder = mkdtempSync(join(tmpdir(), 'check-'));
let host: SimulatedHost;
let clean: SimulatedHost;
before(async () => {
  host = await createSimulatedHost('n300', { bootTime: BOOT_TIME });
  populateHost(host);
  clean = await createSimulatedHost('n150', { bootTime: BOOT_TIME });
});
after(async () => {
  await Promise.all([host.close(), clean.close()]);
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]) {
  const program = startProgram(['check', ...args], { env: { COLUMNS: '80' } });
  const { code } = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

describe('tenstorrent-exporter check', () => {
  it('ends with 0 on a host that works, and finds the exporter that runs', async () => {
    const exporter = await startExporter(clean.flags());
    try {
      const { code, stdout } = await run(`--web.listen-address=${new URL(exporter.url).host}`, ...clean.flags());
      assert.equal(code, 0, stdout);
      assert.match(stdout, /^sysfs\n {2}ok {6}driver 2\.10\.0 is loaded\n {2}ok {6}1 chip with telemetry\n/);
      assert.match(stdout, /^ {2}ok {6}an exporter answers at 127\.0\.0\.1:\d+$/m);
    } finally {
      await exporter.stop();
    }
  });

  it('ends with 2 where something does not work, and says what in JSON too', async () => {
    const other = createServer((_, response) => response.end('something else')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const file = join(folder, 'capacity.yml');
    writeFileSync(file, 'boards: 7\n');
    try {
      const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
      const { code, stdout } = await run(
        '--json',
        `--web.listen-address=${address}`,
        `--capacity.config.file=${file}`,
        ...clean.flags(),
      );
      assert.equal(code, 2);
      const { findings } = JSON.parse(stdout) as { findings: { area: string; state: string; summary: string }[] };
      const failures = findings.filter(({ state }) => state === 'failed');
      assert.deepEqual(
        failures.map(({ area }) => area),
        ['address', 'configuration'],
      );
      assert.equal(failures[0]?.summary, `another program listens at ${address}`);
    } finally {
      other.close();
    }
  });

  it('does not call an address taken whose listener it may not ask', async () => {
    const guarded = createServer((_, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
    await once(guarded, 'listening');
    try {
      const address = `127.0.0.1:${(guarded.address() as AddressInfo).port}`;
      const { code, stdout } = await run(`--web.listen-address=${address}`, ...clean.flags());
      assert.equal(code, 0);
      assert.match(stdout, /^ {2}warning somebody listens at 127\.0\.0\.1:\d+, with a password or TLS: an$/m);
    } finally {
      guarded.close();
    }
  });

  it('does not take an argument of --clean for its own', async () => {
    const { code, stderr } = await run('--wait=1', ...clean.flags());
    assert.deepEqual(
      [code, stderr],
      [1, 'tenstorrent-exporter check: --baseline, --wait and --device belong to --clean: give it too\n'],
    );
  });
});

describe('tenstorrent-exporter check --clean', () => {
  it('ends with 0, 3, 4 or 5, and names pid and bytes', async () => {
    const good = await run('--clean', ...clean.flags());
    assert.deepEqual([good.code, good.stdout], [0, 'clean: nobody holds a chip, and no bytes are charged\n']);
    const leaked = await run('--clean', '--device=0', ...host.flags());
    assert.equal(leaked.code, 4);
    assert.equal(
      leaked.stdout.split('\n')[0],
      'orphaned: chip 0: 5 MiB left by process ?999999 (killed), which is gone',
    );
    const held = await run('--clean', '--device=0R', ...host.flags());
    assert.equal(held.code, 3);
    assert.match(held.stdout, /^held: chip 0R: .* charged to process \d+ \(python3\), which lives\n$/);
    const blind = await run('--clean', '--no-collector.procfs', ...clean.flags());
    assert.deepEqual([blind.code, blind.stdout], [5, 'unknown: chip 0: who holds it is not told\n']);
  });

  it('takes what was there before for no fault', async () => {
    const program = startProgram(['smi', '--json', ...host.flags()]);
    await program.ended;
    const file = join(folder, 'before.json');
    writeFileSync(file, program.stdout());
    const { code, stdout } = await run('--clean', `--baseline=${file}`, ...host.flags());
    assert.equal(code, 0, stdout);
    writeFileSync(file, 'no');
    const bad = await run('--clean', `--baseline=${file}`, ...host.flags());
    assert.deepEqual(
      [bad.code, bad.stderr],
      [2, `tenstorrent-exporter check: --baseline: ${file}: is no JSON: make it with smi --json > FILE\n`],
    );
  });

  it('waits until it is clean, and no longer', async () => {
    const busy = await createSimulatedHost('n150', { bootTime: BOOT_TIME });
    try {
      const pid = 3_100_000;
      busy.processes.put({ pid, comm: 'pytest', startTicks: 100, descriptors: { 3: '/dev/tenstorrent/0' } }, [0]);
      const late = await run('--clean', '--wait=0.6', '--json', ...busy.flags());
      const document = JSON.parse(late.stdout) as { status: string; reasons: { pid: string }[] };
      assert.deepEqual([late.code, document.status, document.reasons[0]?.pid], [3, 'held', String(pid)]);
      const schema = JSON.parse(readFileSync(new URL('../../schemas/clean-1.json', import.meta.url), 'utf8')) as object;
      assert.ok(new Ajv({ allowUnionTypes: true }).compile(schema)(document));
      const waiting = run('--clean', '--wait=60', ...busy.flags());
      setTimeout(() => {
        busy.processes.hide(pid);
      }, 1500);
      assert.equal((await waiting).code, 0);
    } finally {
      await busy.close();
    }
  });
});
