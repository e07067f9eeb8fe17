import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startExporter, startProgram } from '../support/start-exporter.ts';
import { VERSION } from '../../src/version.ts';

let folder = '';
let roots: string[] = [];
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  roots = ['path.sysfs', 'path.procfs', 'path.shm', 'path.pod-logs', 'allocation-server.socket'].map(
    (root) => `--${root}=${folder}/none`,
  );
});
after(() => {
  rmSync(folder, { recursive: true });
});

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function finished(...args: string[]): Promise<Finished> {
  const program = startProgram(args);
  const { code } = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

describe('the program', () => {
  it('shows its help', async () => {
    const { code, stdout, stderr } = await finished('--help');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^usage: tenstorrent-exporter \[flags\]\n[^]*--web.listen-address=ADDRESS/);
    assert.match((await finished('reader', '-h')).stdout, /^usage: tenstorrent-exporter reader --listen=PATH/);
  });

  it('shows its version', async () => {
    const { code, stdout, stderr } = await finished('--version');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^tenstorrent-exporter, version \S+ \(revision: \S+\)\n {2}node version: v\d+\.\d+\.\d+\n$/);
    assert.ok(stdout.includes(VERSION));
  });

  it('ends with one line where a flag is wrong', async () => {
    assert.deepEqual(await finished('--web.listen-adress=:1'), {
      code: 1,
      stdout: '',
      stderr: 'tenstorrent-exporter: unknown flag --web.listen-adress: did you mean --web.listen-address? See --help\n',
    });
    assert.deepEqual(await finished('--web.max-requests', 'many'), {
      code: 1,
      stdout: '',
      stderr: 'tenstorrent-exporter: --web.max-requests: "many" is not a whole number of 0 or more\n',
    });
  });

  it('ends with one line where its port is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await finished(`--web.listen-address=127.0.0.1:${port}`, ...roots);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^ts=\S+ level=error msg="cannot start" error="cannot listen at 127.0.0.1:\d+: another program listens there; stop it or choose another --web.listen-address"\n$/,
    );
  });

  it('ends with one line where its file is bad or missing, wherever it is read', async () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'boards:\n  p150a: { cores: many }\n');
    for (const reader of ['fork', 'inline']) {
      for (const file of [bad, join(folder, 'missing.yaml')]) {
        const flags = ['--web.listen-address=127.0.0.1:0', `--reader=${reader}`, `--capacity.config.file=${file}`];
        const { code, stderr } = await finished(...flags, ...roots);
        assert.equal(code, 1, stderr);
        assert.match(
          stderr,
          /^ts=\S+ level=error msg="cannot start" error="[^\n]*mend the file or leave the flag out"\n$/,
        );
        assert.ok(stderr.includes(file), stderr);
      }
    }
  });

  it('serves a host that has nothing: no data is no failure', async () => {
    for (const reader of ['fork', 'inline']) {
      const exporter = await startExporter([`--reader=${reader}`, ...roots]);
      const { status, body } = await exporter.scrape();
      assert.equal(status, 200);
      assert.deepEqual(body.match(/^tt_(exporter_collector_success|allocation_server_up).*$/gm), [
        'tt_allocation_server_up 0',
        'tt_exporter_collector_success{collector="allocation_server"} 1',
        'tt_exporter_collector_success{collector="shared_memory"} 1',
        'tt_exporter_collector_success{collector="sysfs"} 1',
        'tt_exporter_collector_success{collector="procfs"} 1',
        'tt_exporter_collector_success{collector="kubernetes"} 1',
      ]);
      assert.equal(await exporter.stop(), 0);
    }
  });

  it('switches collectors off', async () => {
    const exporter = await startExporter([
      '--no-collector.sysfs',
      '--no-collector.procfs',
      '--no-collector.kubernetes',
      ...roots,
    ]);
    const { body } = await exporter.scrape();
    assert.equal(body.match(/^tt_exporter_collector_success/gm)?.length, 2);
    const { status, body: why } = await exporter.scrape('/metrics?collect[]=sysfs');
    assert.deepEqual([status, why], [400, 'the collector sysfs is switched off on this exporter\n']);
    assert.equal(await exporter.stop(), 0);
  });

  it('listens at every address that it is given, Unix sockets too, and logs them as JSON if asked', async () => {
    const path = join(folder, 'web.sock');
    const addresses = ['127.0.0.1:0', '[::1]:0', `unix:${path}`].map((address) => `--web.listen-address=${address}`);
    const exporter = await startExporter([...addresses, '--log.format=json', ...roots]);
    await exporter.waitForLine(/web\.sock/);
    const lines = exporter
      .stderr()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      lines.map(({ level, msg }) => ({ level, msg })),
      Array.from({ length: 3 }, () => ({ level: 'info', msg: 'listening' })),
    );
    for (const { url } of lines.slice(0, 2)) assert.equal((await fetch(String(url))).status, 200);
    assert.equal(statSync(path).mode & 0o777, 0o660);
    assert.equal(await statusAt(path), 200);
    assert.equal(await exporter.stop(), 0);
    assert.throws(() => statSync(path), { code: 'ENOENT' });
  });
});

function statusAt(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/metrics', headers: { connection: 'close' } }, (response) => {
      response.resume();
      response.on('end', () => {
        resolve(response.statusCode);
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}
