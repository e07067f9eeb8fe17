import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { lchown, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { uidOfName } from '../../../src/sources/allocation-server/passwd.ts';
import { checkSocket } from '../../../src/sources/allocation-server/socket-check.ts';
import type { TrustRules } from '../../../src/sources/allocation-server/socket-check.ts';
import { createAllocationServerSource } from '../../../src/sources/allocation-server/source.ts';
import { newScene, reasons, scrape } from './support.ts';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
# a comment
broken
ttserver:x:4711:4711::/:/usr/sbin/nologin
letters:x:abc:1::/:
`;
const OTHER = 4711;
/** Only root can give a file away, and only root's is believed whoever runs this. */
const asRoot = process.geteuid?.() === 0 ? {} : { skip: 'only root can give files to other users' };

describe('uidOfName', () => {
  it('finds a user in the text of /etc/passwd', () => {
    const names = ['root', 'ttserver', 'letters', 'broken', 'nobody', 'x', ''];
    const uids = names.map((name) => uidOfName(PASSWD, name));
    assert.deepEqual(uids, [0, 4711, undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('a socket of another user', asRoot, () => {
  it('is untrusted, and nothing is sent to it', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({});
    await lchown(scene.path, OTHER, OTHER);
    const state = await scrape(scene.source());
    const data = {
      status: 'untrusted',
      dialect: undefined,
      extension: undefined,
      startTimeSeconds: undefined,
      devices: [],
      endedProcesses: [],
      watchedChips: [],
      messages: undefined,
      rejectedMessages: undefined,
      connections: undefined,
    };
    assert.deepEqual([state.outcome, state.data, reasons(state)], ['failed', data, ['untrusted_socket']]);
    assert.match(state.errors[0]?.message ?? '', /belongs to uid 4711.*--allocation-server\.owner/);
    assert.equal(server.connections, 0);
  });

  it('is believed where the owner is named, by number or by name', async (t) => {
    const scene = await newScene(t);
    await scene.stock({});
    await lchown(scene.path, OTHER, OTHER);
    const folder = await mkdtemp(join(tmpdir(), 'tt-passwd-'));
    scene.defer(() => rm(folder, { recursive: true }));
    const passwdPath = join(folder, 'passwd');
    await writeFile(passwdPath, PASSWD);
    const outcome = async (trustedOwner: string, path = passwdPath): Promise<string | undefined> =>
      (await scrape(createAllocationServerSource({ socketPath: scene.path, trustedOwner, passwdPath: path }))).outcome;
    assert.deepEqual(
      [
        await outcome('4711'),
        await outcome('ttserver'),
        await outcome('4712'),
        await outcome('nobody-there'),
        await outcome('ttserver', join(folder, 'nothing')),
      ],
      ['ok', 'ok', 'failed', 'failed', 'failed'],
    );
  });

  it('is untrusted behind a symlink of a trusted user, and a trusted one behind the symlink of another', async (t) => {
    const scene = await newScene(t);
    const server = await scene.stock({});
    const real = `${scene.path}.real`;
    await rename(scene.path, real);
    await symlink('server.sock.real', scene.path);
    const rules: TrustRules = { ownUid: 0, trustedOwner: undefined, passwdPath: '/etc/passwd' };
    assert.equal((await checkSocket(scene.path, rules)).kind, 'trusted');
    await lchown(scene.path, OTHER, OTHER);
    assert.deepEqual(reasons(await scrape(scene.source())), ['untrusted_socket']);
    await lchown(scene.path, 0, 0);
    assert.equal((await scrape(scene.source())).outcome, 'ok');
    await lchown(real, OTHER, OTHER);
    assert.deepEqual(reasons(await scrape(scene.source())), ['untrusted_socket']);
    assert.equal(server.connections, 2);
  });
});

describe('a socket of the own user', () => {
  it('is believed', async (t) => {
    const scene = await newScene(t);
    await scene.stock({});
    const uid = process.geteuid?.() ?? 0;
    const check = await checkSocket(scene.path, { ownUid: uid, trustedOwner: undefined, passwdPath: '/etc/passwd' });
    assert.equal(check.kind, 'trusted');
  });

  it('gets nothing where it has taken the place of another one while that was connected to', async (t) => {
    const scene = await newScene(t);
    await scene.stock({});
    const thief = await scene.stock({ path: `${scene.path}.thief` });
    const { createConnection } = net;
    t.mock.method(net, 'createConnection', (options: net.IpcNetConnectOpts) => {
      renameSync(`${scene.path}.thief`, scene.path);
      return createConnection(options);
    });
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    const state = await scrape(scene.source());
    assert.deepEqual([state.outcome, state.data, reasons(state)], ['failed', undefined, ['socket_replaced']]);
    assert.deepEqual([thief.connections, thief.messages], [1, 0]);
  });

  it('is another one for each server that listens there', async (t) => {
    const scene = await newScene(t);
    const rules: TrustRules = { ownUid: process.geteuid?.() ?? 0, trustedOwner: undefined, passwdPath: '/etc/passwd' };
    const versions = new Set<string>();
    for (let servers = 0; servers < 5; servers++) {
      const server = await scene.stock({});
      const check = await checkSocket(scene.path, rules);
      versions.add(check.kind === 'trusted' ? check.identity.version : check.kind);
      await server.close();
    }
    assert.equal(versions.size, 5);
  });
});
