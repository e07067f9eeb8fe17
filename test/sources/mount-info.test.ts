import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDescriptorInfo } from '../../src/sources/descriptor-info.ts';
import { answersAtOnce, findMount, isOrdinary, parseMounts, shmMounts } from '../../src/sources/mount-info.ts';
import type { Mount } from '../../src/sources/mount-info.ts';

/** A container of containerd, as its own processes have it. */
const CONTAINER = `\
1521 1400 0:301 / / rw,relatime master:389 - overlay overlay rw,lowerdir=/var/lib/a:/var/lib/b,upperdir=/u,workdir=/w
1522 1521 0:304 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
1523 1521 0:305 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
1524 1523 0:306 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,gid=5,mode=620,ptmxmode=666
1525 1523 0:295 / /dev/mqueue rw,nosuid,nodev,noexec,relatime - mqueue mqueue rw
1527 1523 0:290 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k
1528 1521 8:1 /var/lib/kubelet/pods/a\\040b /data rw,relatime shared:1 master:2 propagate_from:3 - ext4 /dev/sda1 rw
`;

const mount = (id: number, parent: number, point: string, type: string): Mount => ({
  id,
  parent,
  device: id,
  root: '/',
  point,
  type,
});

test('a line of mountinfo is read with whatever optional fields it has', () => {
  assert.deepEqual(parseMounts(CONTAINER).at(-1), {
    id: 1528,
    parent: 1521,
    device: 8 * 256 + 1,
    root: '/var/lib/kubelet/pods/a\\040b',
    point: '/data',
    type: 'ext4',
  });
  assert.equal(parseMounts(CONTAINER).length, 7);
  assert.deepEqual(parseMounts('\nnonsense\n1 2 3 / / rw - ext4 x rw\n'), []);
});

test('a mount is found by its id and not by part of one', () => {
  assert.equal(findMount(CONTAINER, 1521)?.type, 'overlay');
  assert.equal(findMount(CONTAINER, 1527)?.point, '/dev/shm');
  assert.deepEqual(
    [findMount(CONTAINER, 152), findMount(CONTAINER, 521), findMount('', 1)],
    [undefined, undefined, undefined],
  );
});

test('the machine itself is read: the device of each tmpfs is the st_dev of its files', () => {
  const mounts = parseMounts(readFileSync('/proc/self/mountinfo', 'latin1'));
  const found = shmMounts(mounts)?.shm;
  if (found === undefined) return;
  assert.equal(found.device, statSync('/dev/shm').dev);
});

test('the way to /dev/shm is the one that the kernel looks up', () => {
  const ids = (...mounts: Mount[]) => {
    const found = shmMounts(mounts);
    return found && [found.path.map(({ id }) => id), found.shm?.id];
  };
  const container = shmMounts(parseMounts(CONTAINER));
  assert.deepEqual([container?.path.map(({ id }) => id), container?.shm?.id], [[1521, 1523, 1527], 1527]);
  const root = mount(1, 0, '/', 'ext4');
  assert.deepEqual(ids(root), [[1], undefined]);
  assert.deepEqual(ids(root, mount(2, 1, '/dev/shm', 'tmpfs')), [[1, 2], 2]);
  // One upon the other, in any order; the uppermost counts, and what is below is come through.
  const stack = [mount(4, 3, '/dev/shm', 'fuse'), mount(3, 2, '/dev/shm', 'tmpfs'), mount(2, 1, '/dev', 'tmpfs')];
  assert.deepEqual(ids(...stack, root), [[1, 2, 3, 4], 4]);
  // Hidden by a later mount upon /dev.
  assert.deepEqual(ids(root, mount(2, 1, '/dev', 'a'), mount(3, 2, '/dev/shm', 'b'), mount(4, 2, '/dev', 'c')), [
    [1, 2, 4],
    undefined,
  ]);
  // A root upon the root; the first of all is its own parent.
  assert.deepEqual(ids(mount(1, 1, '/', 'rootfs'), mount(5, 1, '/', 'ext4'), mount(6, 5, '/dev', 'x')), [
    [1, 5, 6],
    undefined,
  ]);
  assert.equal(ids(mount(2, 1, '/dev', 'tmpfs'), mount(3, 2, '/dev/shm', 'tmpfs')), undefined);
});

test('mounts in a circle end the search', () => {
  const circle = [mount(1, 0, '/', 'a'), mount(2, 1, '/', 'b'), mount(1, 2, '/', 'c')];
  assert.ok((shmMounts(circle)?.path.length ?? 0) <= 4);
});

test('no text makes the parsers throw', () => {
  const words = fc.constantFrom('1 ', '22 ', '0:3 ', '/ ', '/dev ', '- ', 'tmpfs ', '\n', 'mnt_id:\t', 'ino:\t', '9');
  fc.assert(
    fc.property(fc.array(words), (parts) => {
      const text = parts.join('');
      shmMounts(parseMounts(text));
      findMount(text, 1);
      parseDescriptorInfo(text);
    }),
  );
});

test('only filesystems of the kernel itself are asked', () => {
  const types = ['tmpfs', 'ext4', 'overlay', 'fuse', 'fuse.sshfs', 'fuseblk', 'nfs4', '9p', 'cifs', 'ceph', 'autofs'];
  assert.deepEqual(types.filter(answersAtOnce), ['tmpfs', 'ext4']);
  assert.deepEqual(types.filter(isOrdinary), ['tmpfs', 'ext4', 'overlay']);
});

test('a descriptor is known by its mount, and by its inode where the kernel says it', () => {
  assert.deepEqual(parseDescriptorInfo('pos:\t0\nflags:\t0100000\nmnt_id:\t30\nino:\t1200175\n'), {
    mountId: 30,
    inode: 1200175,
  });
  assert.deepEqual(parseDescriptorInfo('pos:\t0\nflags:\t02\nmnt_id:\t9\n'), { mountId: 9, inode: undefined });
  assert.equal(parseDescriptorInfo('pos:\t0\n'), undefined);
});
