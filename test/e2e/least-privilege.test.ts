import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { eventually } from '../support/eventually.ts';
import { BOOT_TIME, populateHost } from '../support/populate-host.ts';
import { startExporter, startProgram } from '../support/start-exporter.ts';

const GROUP = 65_530;
const READER = 65_531;
const SERVER = 65_532;
const STRANGER = 65_533;
const RIGHTS = '+dac_read_search,+sys_ptrace';
/** Bits 2 and 19, see linux/capability.h. */
const RIGHTS_MASK = '0000000000080004';
const NO_RIGHTS_MASK = '0000000000000000';

/** A user with these capabilities and no way to more. */
function asUser(uid: number, gid: number, capabilities: string): string[] {
  const bounds = capabilities === '' ? '-all' : `-all,${capabilities}`;
  const user = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  return ['setpriv', ...user, `--bounding-set=${bounds}`, `--inh-caps=${bounds}`, `--ambient-caps=${bounds}`];
}

/** What the kernel lets a process do. */
function rightsOf(pid: number | undefined): Record<string, string | undefined> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(status)?.[1];
  const interfaces = readFileSync(`/proc/${pid}/net/dev`, 'utf8').match(/^ *\S+(?=:)/gm) ?? [];
  return {
    uid: field('Uid')?.split('\t')[1],
    effective: field('CapEff'),
    bounding: field('CapBnd'),
    noNewPrivileges: field('NoNewPrivs'),
    interfaces: interfaces.map((name) => name.trim()).join(),
  };
}

const memoryLines = (body: string): string[] => body.match(/^tt_(?:dram|l1)_allocated_bytes\{.*$/gm) ?? [];

describe('with the least rights', () => {
  let host: SimulatedHost;
  let socket: string;
  before(async () => {
    host = await createSimulatedHost('n150', { bootTime: BOOT_TIME });
    populateHost(host);
    chmodSync(host.root, 0o755);
    for (const name of readdirSync(host.shm)) chmodSync(join(host.shm, name), 0o600);
    const folder = join(host.root, 'run');
    mkdirSync(folder);
    chownSync(folder, READER, GROUP);
    chmodSync(folder, 0o750);
    socket = join(folder, 'reader.sock');
  });
  after(() => host.close());

  it('a reader without network and a server without rights show the memory of other users', async (t) => {
    const unprivileged = await startExporter(host.flags(), { through: asUser(SERVER, GROUP, '') });
    t.after(() => unprivileged.stop());
    assert.deepEqual(memoryLines((await unprivileged.scrape()).body), []);

    const reader = startProgram(['reader', `--listen=${socket}`, ...host.flags()], {
      through: ['unshare', '--net', '--', ...asUser(READER, GROUP, RIGHTS)],
    });
    t.after(() => reader.stop());
    await reader.waitForLine(/reader listens/);
    const server = await startExporter([`--reader=unix:${socket}`], { through: asUser(SERVER, GROUP, '') });
    t.after(() => server.stop());
    await eventually('the reader', async () => (await server.scrape('/-/ready')).status === 200);
    assert.ok(memoryLines((await server.scrape()).body).length > 0);

    assert.deepEqual(rightsOf(reader.process.pid), {
      uid: String(READER),
      effective: RIGHTS_MASK,
      bounding: RIGHTS_MASK,
      noNewPrivileges: '1',
      interfaces: 'lo',
    });
    assert.notEqual(readlinkSync(`/proc/${reader.process.pid}/ns/net`), readlinkSync('/proc/self/ns/net'));
    const { uid, effective, bounding, noNewPrivileges } = rightsOf(server.process.pid);
    assert.deepEqual(
      [uid, effective, bounding, noNewPrivileges],
      [String(SERVER), NO_RIGHTS_MASK, NO_RIGHTS_MASK, '1'],
    );

    const stranger = await startExporter([`--reader=unix:${socket}`], { through: asUser(STRANGER, STRANGER, '') });
    t.after(() => stranger.stop());
    assert.equal((await stranger.scrape('/-/ready')).status, 503);
    assert.deepEqual(memoryLines((await stranger.scrape()).body), []);
  });
});
