import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { mutelyServing } from '../support/mute-server.ts';
import { startExporter } from '../support/start-exporter.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'signals-'));
});
after(() => {
  rmSync(folder, { recursive: true });
});

function roots(socket = join(folder, 'none')): string[] {
  return [
    ...['sysfs', 'procfs', 'shm'].map((root) => `--path.${root}=${folder}/none`),
    `--allocation-server.socket=${socket}`,
  ];
}

describe('SIGTERM', () => {
  it('ends the program within a second with code 0, by SIGINT as well', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const exporter = await startExporter(roots());
      await exporter.scrape();
      const startedAt = performance.now();
      exporter.process.kill(signal);
      assert.deepEqual(await exporter.ended, { code: 0, signal: null });
      assert.ok(performance.now() - startedAt < 1000);
    }
  });

  it('lets a scrape that is under way be answered, and leaves the connections of the reader in peace', async (t) => {
    const path = join(folder, 'mute.sock');
    const server = await mutelyServing(path);
    t.after(server.close);
    const exporter = await startExporter(roots(path));
    const page = exporter.scrape();
    await eventually('the connection to the server', () => server.connections() > 0);
    const startedAt = performance.now();
    exporter.process.kill('SIGTERM');
    const { status, body } = await page;
    assert.equal(status, 200);
    assert.match(body, /^tt_exporter_collector_success\{collector="allocation_server"\} 0$/m);
    assert.deepEqual(await exporter.ended, { code: 0, signal: null });
    assert.ok(performance.now() - startedAt < 1000);
    assert.equal(server.gone(), 0);
  });

  it('a second time ends the program at once', async (t) => {
    const path = join(folder, 'mute2.sock');
    const server = await mutelyServing(path);
    t.after(server.close);
    const exporter = await startExporter(roots(path));
    const page = exporter.scrape().catch(() => undefined);
    await eventually('the connection to the server', () => server.connections() > 0);
    exporter.process.kill('SIGTERM');
    await exporter.waitForLine(/msg=ending/);
    exporter.process.kill('SIGTERM');
    assert.deepEqual(await exporter.ended, { code: 1, signal: null });
    await page;
  });
});

describe('SIGHUP', () => {
  it('reads the files again, keeps the last good one, and says so in the metrics', async () => {
    const file = join(folder, 'capacity.yaml');
    writeFileSync(file, 'boards: {}\n');
    const exporter = await startExporter([`--capacity.config.file=${file}`, ...roots()]);
    const reloaded = async (): Promise<string | undefined> =>
      /^tt_exporter_config_last_reload_successful ([01])$/m.exec((await exporter.scrape()).body)?.[1];
    assert.equal(await reloaded(), '1');
    writeFileSync(file, 'boards: [\n');
    exporter.process.kill('SIGHUP');
    await exporter.waitForLine(/level=error msg="configuration not taken: the last good one stays"/);
    assert.equal(await reloaded(), '0');
    writeFileSync(file, 'boards: {}\n');
    exporter.process.kill('SIGHUP');
    await exporter.waitForLine(/level=info msg="configuration read again"/);
    assert.equal(await reloaded(), '1');
    assert.equal(await exporter.stop(), 0);
  });
});

describe('an unexpected error', () => {
  it('is logged in one line and ends the program with code 1', async () => {
    const preload = "data:text/javascript,process.on('SIGUSR2',()=>{throw(new(Error)('boom'))})";
    const exporter = await startExporter(roots(), { env: { NODE_OPTIONS: `--import=${preload}` } });
    exporter.process.kill('SIGUSR2');
    assert.deepEqual(await exporter.ended, { code: 1, signal: null });
    assert.match(
      exporter.stderr(),
      /^ts=\S+ level=error msg="unexpected error: ending" error=boom stack="Error: boom\\n[^\n]*"\n$/m,
    );
  });
});
