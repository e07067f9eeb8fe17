import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { listenUnix } from '../../src/reader/listen-unix.ts';
import { eventually } from '../support/eventually.ts';
import { startExporter, startProgram } from '../support/start-exporter.ts';
import type { RunningProgram } from '../support/start-exporter.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'unix-reader-'));
});
after(() => {
  rmSync(folder, { recursive: true });
});

function roots(): string[] {
  return ['sysfs', 'procfs', 'shm']
    .map((root) => `--path.${root}=${folder}/none`)
    .concat(`--allocation-server.socket=${folder}/none`);
}

async function startReader(path: string, ...flags: string[]): Promise<RunningProgram> {
  const reader = startProgram(['reader', `--listen=${path}`, ...roots(), ...flags]);
  await reader.waitForLine(/msg="reader listens"/);
  return reader;
}

describe('a reader that is started apart', () => {
  it('serves an exporter at a socket of mode 0660, with the collectors that it has', async () => {
    const path = join(folder, 'a.sock');
    const reader = await startReader(path, '--no-collector.procfs');
    assert.equal(statSync(path).mode & 0o777, 0o660);
    const exporter = await startExporter([`--reader=unix:${path}`]);
    await eventually('readiness', async () => (await exporter.scrape('/-/ready')).status === 200);
    const { body } = await exporter.scrape();
    assert.deepEqual([...body.matchAll(/^tt_exporter_collector_success.*$/gm)].join('\n').split('\n'), [
      'tt_exporter_collector_success{collector="allocation_server"} 1',
      'tt_exporter_collector_success{collector="shared_memory"} 1',
      'tt_exporter_collector_success{collector="sysfs"} 1',
      'tt_exporter_collector_success{collector="kubernetes"} 1',
    ]);
    assert.equal((await exporter.scrape('/metrics?collect[]=procfs')).status, 400);
    assert.equal(await exporter.stop(), 0);
    assert.equal(await reader.stop(), 0);
  });

  it('gives its socket the mode and the group that flags ask for', async () => {
    const path = join(folder, 'group.sock');
    const reader = await startReader(path, '--socket.mode=0620', '--socket.group=tty');
    const { mode, gid } = statSync(path);
    assert.deepEqual({ mode: mode & 0o777, gid }, { mode: 0o620, gid: 5 });
    assert.equal(await reader.stop(), 0);
  });

  it('ends with what to do where its socket cannot have the group, and leaves no socket', async () => {
    const place = join(folder, 'open');
    mkdirSync(place);
    chmodSync(folder, 0o755);
    chmodSync(place, 0o777);
    const path = join(place, 'r.sock');
    const start = async (group: string): Promise<string> => {
      const reader = startProgram(['reader', `--listen=${path}`, ...roots(), `--socket.group=${group}`], {
        uid: 65_533,
      });
      assert.equal((await reader.ended).code, 1);
      return reader.stderr();
    };
    assert.match(await start('nobody-has-this'), /cannot listen at .*: there is no group \\"nobody-has-this\\"/);
    assert.match(await start('tty'), /cannot give .* to the group 5: run as a member of it/);
    assert.deepEqual(readdirSync(place), []);
  });

  it('can come later and go away: the exporter says so, and is back when it is back', async () => {
    const path = join(folder, 'b.sock');
    const exporter = await startExporter([`--reader=unix:${path}`]);
    assert.equal((await exporter.scrape('/-/ready')).status, 503);
    const { status, body } = await exporter.scrape();
    assert.equal(status, 200);
    assert.match(body, /^tt_exporter_collector_success\{collector="sysfs"\} 0$/m);
    for (let round = 0; round < 2; round++) {
      const reader = await startReader(path);
      await eventually('readiness', async () => (await exporter.scrape('/-/ready')).status === 200);
      assert.match((await exporter.scrape()).body, /^tt_exporter_collector_success\{collector="sysfs"\} 1$/m);
      reader.process.kill('SIGKILL');
      await reader.ended;
      await eventually('its end to be noticed', async () => (await exporter.scrape('/-/ready')).status === 503);
    }
    assert.equal(await exporter.stop(), 0);
  });

  it('ends with one line where it cannot listen', async () => {
    const path = join(folder, 'c.sock');
    const reader = await startReader(path);
    const second = startProgram(['reader', `--listen=${path}`]);
    assert.deepEqual(await second.ended, { code: 1, signal: null });
    assert.match(
      second.stderr(),
      /^ts=\S+ level=error msg="cannot start" error="[^"]*another program answers there[^"]*"\n$/,
    );
    assert.equal(await reader.stop(), 0);
  });

  it('reads its files again at SIGHUP and keeps the last good ones', async () => {
    const file = join(folder, 'capacity.yaml');
    writeFileSync(file, 'boards: {}\n');
    const reader = await startReader(join(folder, 'd.sock'), `--capacity.config.file=${file}`);
    writeFileSync(file, 'boards: [\n');
    reader.process.kill('SIGHUP');
    await reader.waitForLine(/configuration not taken: the last good one stays/);
    assert.equal(await reader.stop(), 0);
  });
});

describe('the path of a socket', () => {
  it('is taken over from a socket that nobody answers, and from nothing else', async () => {
    const path = join(folder, 'stale.sock');
    const dead = startProgram(['reader', `--listen=${path}`, ...roots()]);
    await dead.waitForLine(/reader listens/);
    dead.process.kill('SIGKILL');
    await dead.ended;
    assert.ok(statSync(path).isSocket());
    const server = createServer();
    await listenUnix(server, path);
    await assert.rejects(
      listenUnix(createServer(), path),
      /another program answers there; stop it or choose another path/,
    );
    await new Promise((resolve) => server.close(resolve));

    writeFileSync(path, 'precious');
    await assert.rejects(listenUnix(createServer(), path), /there is a file that is not a socket; remove it/);
    await assert.rejects(listenUnix(createServer(), join(folder, 'none', 'x.sock')), /cannot listen at .*none\/x.sock/);
  });
});
