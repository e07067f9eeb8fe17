import { mapsLine } from '../../src/simulator/fake-proc.ts';
import type { FakeProcess } from '../../src/simulator/fake-proc.ts';
import { decodeDevice } from '../../src/sources/procfs/device-number.ts';
import { name } from './life.ts';
import type { Life } from './life.ts';
import type { ShmMount } from './shm-mount.ts';

/** What /proc shows of a process. */
export function describeLife(life: Life): FakeProcess {
  const { descriptors, maps } = holdings(life);
  const common = {
    pid: life.hostPid,
    comm: name(life),
    parentPid: life.parent?.stage === 'gone' ? 1 : (life.parent?.hostPid ?? 1),
    startTicks: life.startTicks,
    namespacePids: life.pids,
    cgroup: `0::${cgroupOf(life)}\n`,
  };
  switch (life.stage) {
    case 'running':
      return { ...common, descriptors, maps };
    case 'leaderless':
      return { ...common, state: 'Z', threads: 3, threadDescriptors: { [life.hostPid + 5000]: descriptors }, maps };
    case 'zombie':
    case 'gone':
      return { ...common, state: 'Z' };
  }
}

/** What /proc shows of the mount namespace of a process, and of the mounts that its descriptors are on. */
export function describeMounts(life: Life, mount: ShmMount) {
  const descriptorInfo: [descriptor: string, text: string][] = [['0', `pos:\t0\nmnt_id:\t1\nino:\t4\n`]];
  for (const [{ file, number }, { descriptor }] of life.holds) {
    const text = `pos:\t0\nflags:\t02\nmnt_id:\t${mount.id}\nino:\t${file?.ino ?? 0}\n`;
    if (descriptor) descriptorInfo.push([`${10 + number}`, text]);
  }
  const { mountNamespace } = life.namespace.space;
  return { mountNamespace, mountInfo: `${mount.line}\n`, descriptorInfo };
}

function holdings(life: Life): { readonly descriptors: Record<number, string>; readonly maps: string } {
  const descriptors: Record<number, string> = { 0: '/dev/null' };
  if (life.device !== undefined) descriptors[3] = '/dev/tenstorrent/0';
  let maps = '';
  for (const [{ path, file, number }, hold] of life.holds) {
    if (hold.descriptor) descriptors[10 + number] = path;
    const { major, minor } = decodeDevice(file?.dev ?? 0);
    maps += mapsLine(major, minor, file?.ino ?? 0, path);
  }
  return { descriptors, maps };
}

/** 64 hex digits that name the container, one for each namespace. */
export function containerOf({ namespace }: Life): string {
  return namespace.parent === undefined ? '' : Buffer.from(namespace.name.padEnd(32, '.')).toString('hex');
}

function cgroupOf(life: Life): string {
  const container = containerOf(life);
  return container === '' ? '/system.slice/job.service' : `/system.slice/docker-${container}.scope`;
}
