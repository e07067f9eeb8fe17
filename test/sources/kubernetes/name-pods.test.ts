import assert from 'node:assert/strict';
import test from 'node:test';
import { namePods } from '../../../src/sources/kubernetes/name-pods.ts';
import type { PodProcess } from '../../../src/sources/kubernetes/name-pods.ts';
import type { DeviceOwner, KubernetesReading, PodNames } from '../../../src/sources/kubernetes/types.ts';

const TRAINER = { podName: 'trainer', podNamespace: 'ml' };
const OTHER = { podName: 'other', podNamespace: 'ml' };

const LOGS: KubernetesReading = {
  podLogs: {
    pods: new Map([
      ['uid-1', { ...TRAINER, containerName: undefined }],
      ['uid-2', { ...OTHER, containerName: 'only' }],
    ]),
    containers: new Map([['c1', { ...TRAINER, containerName: 'train' }]]),
  },
  podResources: undefined,
};

function given(owners: Readonly<Record<number, DeviceOwner>>): KubernetesReading {
  const byDriverIndex = new Map(Object.entries(owners).map(([index, owner]) => [Number(index), owner]));
  return { podLogs: undefined, podResources: { byDriverIndex, byPciAddress: new Map(), byLogicalId: new Map() } };
}

function owned(names: PodNames): DeviceOwner {
  return { kind: 'pod', names };
}

function process(pid: number, podUid?: string, containerId?: string, ...devices: number[]): PodProcess {
  const held = devices.map((driverIndex) => ({ driverIndex, pciAddress: undefined, logicalId: undefined }));
  return { pid, podUid, containerId, devices: held };
}

function named(processes: readonly PodProcess[], reading: KubernetesReading): Record<number, string> {
  const entries = [...namePods(processes, reading)].map(([pid, { podNamespace, podName, containerName }]) => [
    pid,
    `${podNamespace}/${podName}/${containerName ?? ''}`,
  ]);
  return Object.fromEntries(entries) as Record<number, string>;
}

test('the log folders name a process by its pod and its container', () => {
  const processes = [
    process(1, 'uid-1', 'c1'),
    process(2, 'uid-1', 'c9'),
    process(3, 'uid-2', 'c9'),
    process(4, undefined, 'c1'),
    process(5, 'uid-9', 'c9'),
    process(6),
    // The id's name is of another pod than the UID's.
    process(7, 'uid-2', 'c1'),
  ];
  assert.deepEqual(named(processes, LOGS), {
    1: 'ml/trainer/train',
    2: 'ml/trainer/',
    3: 'ml/other/only',
    4: 'ml/trainer/train',
    7: 'ml/other/',
  });
});

test('nothing is named from nothing', () => {
  assert.deepEqual(named([process(1, 'uid-1', 'c1', 0)], { podLogs: undefined, podResources: undefined }), {});
});

test('a process in a pod is named after the one pod that has all of its devices', () => {
  const owners = {
    0: owned({ ...TRAINER, containerName: 'train' }),
    1: owned({ ...TRAINER, containerName: 'train' }),
    2: owned({ ...TRAINER, containerName: 'watch' }),
    3: owned({ ...OTHER, containerName: 'main' }),
    4: { kind: 'ambiguous', pods: 2 } as const,
  };
  const cases: [number[], Record<number, string>][] = [
    [[0], { 1: 'ml/trainer/train' }],
    [[0, 1], { 1: 'ml/trainer/train' }],
    [[0, 2], { 1: 'ml/trainer/' }],
    [[0, 3], {}],
    [[0, 4], {}],
    [[4], {}],
    [[0, 5], {}],
    [[5], {}],
    [[], {}],
  ];
  for (const [devices, expected] of cases) {
    assert.deepEqual(named([process(1, 'uid-1', 'c1', ...devices)], given(owners)), expected, devices.join());
  }
});

test('a process of the host or of a container outside of pods is never named by device', () => {
  const reading = given({ 0: owned({ ...TRAINER, containerName: 'train' }) });
  const processes = [
    process(1, 'uid-1', 'c1', 0),
    process(2, undefined, undefined, 0),
    process(3, undefined, 'docker', 0),
  ];
  assert.deepEqual(named(processes, reading), { 1: 'ml/trainer/' });
  assert.deepEqual(named([process(2, undefined, undefined, 0)], reading), {});
  assert.deepEqual(named([process(3, undefined, 'docker', 0)], reading), {});
});

test('where two pods hold a device, its owner names neither', () => {
  const reading = given({
    0: owned({ ...TRAINER, containerName: 'train' }),
    1: owned({ ...TRAINER, containerName: 'train' }),
  });
  const processes = [process(1, 'uid-1', 'c1', 0), process(2, 'uid-2', 'c2', 0), process(3, 'uid-1', 'c1', 1)];
  assert.deepEqual(named(processes, reading), { 3: 'ml/trainer/train' });
});

test('the processes of one container share its name', () => {
  const reading = given({ 0: owned({ ...TRAINER, containerName: 'train' }) });
  assert.deepEqual(named([process(1, 'uid-1', 'c1', 0), process(2, 'uid-1', 'c1', 0)], reading), {
    1: 'ml/trainer/train',
    2: 'ml/trainer/train',
  });
  assert.deepEqual(named([process(1, 'uid-1', 'c1', 0), process(2, 'uid-1', 'c2', 0)], reading), {
    1: 'ml/trainer/',
    2: 'ml/trainer/',
  });
});

test('the log folders are believed before the devices', () => {
  const { podResources } = given({ 0: owned({ ...OTHER, containerName: 'main' }) });
  assert.deepEqual(named([process(1, 'uid-1', 'c1', 0)], { podLogs: LOGS.podLogs, podResources }), {
    1: 'ml/trainer/train',
  });
});
