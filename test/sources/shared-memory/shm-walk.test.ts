import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { planShm, walkToShm } from '../../../src/sources/shared-memory/shm-walk.ts';
import { PRIVATE_SHM, silentFuse, startTenant, TENANTS } from '../../support/tenant.ts';

/** A folder like /proc/<pid> with these mounts, as `id parent point type`, and somebody's root. */
function processWith(t: TestContext, mounts: readonly string[], root = '/proc/self/root'): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'process-'));
  t.after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  const lines = mounts.map((text) => {
    const [id = '', parent = '', point = '', type = ''] = text.split(' ');
    return `${id} ${parent} 0:${id} / ${point} rw - ${type} none rw\n`;
  });
  fs.writeFileSync(join(folder, 'mountinfo'), lines.join(''));
  fs.symlinkSync(root, join(folder, 'root'));
  return folder;
}

const reached = () => Promise.resolve('reached');

test('a way through a filesystem with a server, or to no tmpfs, is refused by the list of mounts alone', (t) => {
  const refusal = (...mounts: string[]) => {
    const path = processWith(t, mounts);
    try {
      return planShm(path)?.shm.id ?? 'nothing';
    } catch (error) {
      return String(error).replace(`${path}/root/dev/shm is not looked into: `, '');
    }
  };
  const wait = ", where a look-up may wait for somebody's server";
  assert.equal(refusal('1 0 / overlay', '2 1 /dev tmpfs', '3 2 /dev/shm tmpfs'), 3);
  assert.equal(
    refusal('1 0 / fuse.fuse-overlayfs', '2 1 /dev tmpfs', '3 2 /dev/shm tmpfs'),
    `Error: fuse.fuse-overlayfs is mounted at /${wait}`,
  );
  assert.equal(refusal('1 0 / nfs4', '3 1 /dev/shm tmpfs'), `Error: nfs4 is mounted at /${wait}`);
  assert.equal(refusal('1 0 / ext4', '2 1 /dev 9p', '3 2 /dev/shm tmpfs'), `Error: 9p is mounted at /dev${wait}`);
  assert.equal(
    refusal('1 0 / ext4', '2 1 /dev autofs', '3 2 /dev tmpfs', '4 3 /dev/shm tmpfs'),
    `Error: autofs is mounted at /dev${wait}`,
  );
  assert.equal(
    refusal('1 0 / ext4', '3 1 /dev/shm tmpfs', '4 3 /dev/shm fuse'),
    `Error: fuse is mounted at /dev/shm${wait}`,
  );
  assert.equal(refusal('1 0 / ext4', '3 1 /dev/shm ext4'), 'Error: it is no tmpfs but ext4');
  assert.equal(refusal('1 0 / ext4', '2 1 /dev tmpfs'), 'nothing');
  // A root that is no mount: nothing says what it is on.
  assert.equal(refusal('2 1 /dev tmpfs', '3 2 /dev/shm tmpfs'), 'nothing');
  assert.equal(refusal(), 'nothing');
});

test('a process that has ended has nothing', () => {
  assert.equal(planShm('/proc/999999999'), undefined);
});

test('the folder is reached where everything is as the list says', TENANTS, async (t) => {
  const tenant = await startTenant(t);
  const plan = planShm(tenant.holder.path);
  assert.ok(plan !== undefined);
  const seen = await walkToShm(plan, ({ descriptor, mount }) =>
    Promise.resolve([fs.readlinkSync(`/proc/self/fd/${descriptor}`), mount]),
  );
  assert.deepEqual(seen, ['/dev/shm', plan.shm]);
});

test(
  'whoever mounts something else between the list and a step is found out before it is asked',
  TENANTS,
  async (t) => {
    const before = await startTenant(t);
    const list = fs.readFileSync(`${before.holder.path}/mountinfo`, 'latin1');
    const folder = fs.mkdtempSync('/dev/shm/part-');
    t.after(() => {
      fs.rmdirSync(folder);
    });
    const late = [
      // A stat() of the first would never come back.
      `${PRIVATE_SHM} && ${silentFuse('/dev/shm')}`,
      'mount -t tmpfs none /dev/shm',
      `mount --bind ${folder} /dev/shm`,
    ];
    for (const setup of late) {
      const after = await startTenant(t, [], setup);
      const path = processWith(t, [], `${after.holder.path}/root`);
      fs.writeFileSync(join(path, 'mountinfo'), list);
      const plan = planShm(path);
      assert.ok(plan !== undefined);
      await assert.rejects(walkToShm(plan, reached), /its mounts change under the look-up/, setup);
      await after.kill();
    }
  },
);

test('no name is looked up in what has been mounted upon /dev', { ...TENANTS, timeout: 10_000 }, async (t) => {
  // Not a program that looks anything up below /dev itself.
  const script = `${silentFuse('/dev')} && echo ready && exec cat`;
  const child = spawn('unshare', ['-m', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(async () => {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  });
  await once(child.stdout, 'data');
  const path = processWith(t, [], `/proc/${child.pid}/root`);
  const list = fs.readFileSync(`/proc/${child.pid}/mountinfo`, 'latin1');
  fs.writeFileSync(
    join(path, 'mountinfo'),
    list
      .split('\n')
      .filter((line) => !line.includes(' - fuse '))
      .join('\n'),
  );
  const plan = planShm(path);
  assert.ok(plan !== undefined);
  await assert.rejects(walkToShm(plan, reached), /its mounts change under the look-up/);
});

test('a root, /dev and /dev/shm that are links lead nowhere', async (t) => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'roots-'));
  t.after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  const root = (name: string) => {
    fs.mkdirSync(join(folder, name));
    return join(folder, name);
  };
  fs.symlinkSync('/dev', join(root('dev'), 'dev'));
  fs.mkdirSync(join(root('shm'), 'dev'));
  fs.symlinkSync('/dev/shm', join(folder, 'shm/dev/shm'));
  // All of the folder is on the machine's own filesystem, under an id that is read from the kernel.
  const descriptor = fs.openSync(folder, 'r');
  const id = /mnt_id:\t(\d+)/.exec(fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1] ?? '';
  fs.closeSync(descriptor);
  for (const name of ['dev', 'shm']) {
    const path = processWith(t, [`${id} 0 / ext4`, `999999 ${id} /dev/shm tmpfs`], join(folder, name));
    const plan = planShm(path);
    assert.ok(plan !== undefined);
    await assert.rejects(walkToShm(plan, reached), { code: 'ENOTDIR' }, name);
  }
});
