import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import { buildPrograms } from '../../deploy/build/build-programs.ts';
import { TOP } from '../../deploy/build/top.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { VERSION } from '../../src/version.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { startExporter, startProgram } from '../support/start-exporter.ts';

/** On a host that stands still: what is of the exporter itself. */
const MOVES = /^(?:# \w+ )?(?:tt_exporter_|process_|nodejs_)/u;

describe('the built program', () => {
  let folder: string;
  let script: string;
  let host: SimulatedHost;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'built-'));
    const dist = join(folder, 'dist');
    buildPrograms(dist);
    cpSync(join(TOP, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(TOP, 'node_modules'), join(folder, 'node_modules'));
    script = join(dist, 'cli.js');
    host = await createSimulatedHost('n300', { bootTime: BOOT_TIME });
    populateHost(host);
  });
  after(async () => {
    await host.close();
    rmSync(folder, { recursive: true });
  });

  const pageOf = async (program?: string): Promise<string[]> => {
    const exporter = await startExporter(host.flags(), program === undefined ? {} : { script: program });
    const { body } = await exporter.scrape();
    assert.equal(await exporter.stop(), 0);
    return body.split('\n').filter((line) => !MOVES.test(line));
  };

  it('gives the page that the one from the source gives', async () => {
    const page = await pageOf(script);
    assert.ok(page.some((line) => line.startsWith('tt_l1_allocated_bytes{')));
    assert.ok(page.some((line) => line.startsWith('tt_device_temperature_celsius{')));
    assert.deepEqual(page, await pageOf());
  });

  it('finds the threads that it starts for passwords', async () => {
    const file = join(folder, 'web.yml');
    writeFileSync(file, `basic_auth_users:\n  prometheus: ${hashSync('right', 4)}\n`);
    const exporter = await startExporter([...host.flags(), `--web.config.file=${file}`], { script });
    const statusFor = async (password: string): Promise<number> => {
      const authorization = `Basic ${btoa(`prometheus:${password}`)}`;
      return (await fetch(`${exporter.url}/metrics`, { headers: { authorization } })).status;
    };
    assert.deepEqual([await statusFor('right'), await statusFor('wrong')], [200, 401]);
    assert.equal(await exporter.stop(), 0);
  });

  it('knows its version, and runs the commands for people', async () => {
    const version = startProgram(['--version'], { script });
    await version.ended;
    assert.match(version.stdout(), new RegExp(`^tenstorrent-exporter, version ${VERSION.replaceAll('.', '\\.')} `));
    const smi = startProgram(['smi', '--json', ...host.flags()], { script });
    await smi.ended;
    assert.equal((JSON.parse(smi.stdout()) as { devices: unknown[] }).devices.length, 2);
  });
});
