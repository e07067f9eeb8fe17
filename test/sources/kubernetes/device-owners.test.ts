import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  draDevice,
  isTenstorrentDriver,
  isTenstorrentResource,
  pluginDevice,
} from '../../../src/sources/kubernetes/device-id.ts';
import { deviceOwners, ownerOf } from '../../../src/sources/kubernetes/device-owners.ts';
import type { PodResources } from '../../../src/sources/kubernetes/pod-resources-schema.ts';
import type { DeviceOwner } from '../../../src/sources/kubernetes/types.ts';

interface Given {
  readonly plugin?: Readonly<Record<string, readonly string[]>>;
  readonly dra?: readonly (readonly [driver: string, device: string])[];
}

function pod(namespaced: string, containers: Readonly<Record<string, Given>>): PodResources {
  const [namespace = '', name = ''] = namespaced.split('/');
  return {
    name,
    namespace,
    containers: Object.entries(containers).map(([container, { plugin = {}, dra = [] }]) => ({
      name: container,
      devices: Object.entries(plugin).map(([resourceName, deviceIds]) => ({ resourceName, deviceIds })),
      dynamicResources: [{ claimResources: dra.map(([driverName, deviceName]) => ({ driverName, deviceName })) }],
    })),
  };
}

function owned(podNamespace: string, podName: string, containerName: string | undefined): DeviceOwner {
  return { kind: 'pod', names: { podName, podNamespace, containerName } };
}

test('the ids of the plugins and of the driver say which device they are', () => {
  assert.deepEqual(
    ['0', '31', '9999', '0000:c1:00.0', '0000:C1:00.0', '00', '-1', '1.0', '10000', 'dev-0', '', '0\n', 'c1:00.0'].map(
      pluginDevice,
    ),
    [
      { by: 'driver_index', index: 0 },
      { by: 'driver_index', index: 31 },
      { by: 'driver_index', index: 9999 },
      { by: 'pci_address', address: '0000:c1:00.0' },
      { by: 'pci_address', address: '0000:c1:00.0' },
      ...Array<undefined>(8).fill(undefined),
    ],
  );
  assert.deepEqual(['tt-0', 'tt-31', 'tt-', 'tt-01', 'tt-0-1', 'TT-0', '0', 'tt-0\n'].map(draDevice), [
    { by: 'logical_id', id: 0 },
    { by: 'logical_id', id: 31 },
    ...Array<undefined>(6).fill(undefined),
  ]);
  assert.deepEqual(
    ['tenstorrent.com/n150', 'nvidia.com/gpu', 'nottenstorrent.com/x', 'tenstorrent.com'].map(isTenstorrentResource),
    [true, false, false, false],
  );
  assert.deepEqual(
    ['tenstorrent.com', 'b.tenstorrent.com', 'nottenstorrent.com', 'gpu.nvidia.com'].map(isTenstorrentDriver),
    [true, true, false, false],
  );
});

test('a device that one pod has been given is its, and of a container where only one has it', () => {
  const { reading, unresolved } = deviceOwners([
    pod('ml/trainer', {
      train: { plugin: { 'tenstorrent.com/n150': ['0', '1'], 'nvidia.com/gpu': ['7'] } },
      watch: {
        plugin: { 'tenstorrent.com/n150': ['1'] },
        dra: [
          ['tenstorrent.com', 'tt-3'],
          ['gpu.nvidia.com', 'tt-4'],
        ],
      },
    }),
    pod('ml/other', { main: { plugin: { 'tenstorrent.com/p150': ['0000:c1:00.0'] } } }),
    pod('default/idle', {}),
  ]);
  assert.deepEqual(reading, {
    byDriverIndex: new Map([
      [0, owned('ml', 'trainer', 'train')],
      [1, owned('ml', 'trainer', undefined)],
    ]),
    byPciAddress: new Map([['0000:c1:00.0', owned('ml', 'other', 'main')]]),
    byLogicalId: new Map([[3, owned('ml', 'trainer', 'watch')]]),
  });
  assert.deepEqual(unresolved, []);
});

test('a device that several pods have been given is nobody`s', () => {
  // An ended pod that an older kubelet still lists, a claim that two pods share, one of the same name elsewhere.
  const { reading } = deviceOwners([
    pod('ml/ended', { c: { plugin: { 'tenstorrent.com/n150': ['0'] } } }),
    pod('ml/next', { c: { plugin: { 'tenstorrent.com/n150': ['0'] }, dra: [['tenstorrent.com', 'tt-1']] } }),
    pod('other/next', { c: { dra: [['tenstorrent.com', 'tt-1']] } }),
    pod('third/next', { c: { dra: [['tenstorrent.com', 'tt-1']] } }),
  ]);
  assert.deepEqual(reading, {
    byDriverIndex: new Map([[0, { kind: 'ambiguous', pods: 2 }]]),
    byPciAddress: new Map(),
    byLogicalId: new Map([[1, { kind: 'ambiguous', pods: 3 }]]),
  });
});

test('a pod with a name that none can have is not named, but its device is not free', () => {
  const { reading } = deviceOwners([
    pod('ml/a"b', { c: { plugin: { 'tenstorrent.com/n150': ['0'] } } }),
    pod('ml/good', { 'x\ny': { plugin: { 'tenstorrent.com/n150': ['1'] } } }),
    pod('/', { c: { plugin: { 'tenstorrent.com/n150': ['2'] } } }),
  ]);
  assert.deepEqual(
    reading.byDriverIndex,
    new Map<number, DeviceOwner>([
      [0, { kind: 'ambiguous', pods: 1 }],
      [1, owned('ml', 'good', undefined)],
      [2, { kind: 'ambiguous', pods: 1 }],
    ]),
  );
});

test('ids that say nothing are listed, each once', () => {
  const given = {
    c: { plugin: { 'tenstorrent.com/n150': ['GPU-1', 'GPU-1'] }, dra: [['tenstorrent.com', 'card']] as const },
  };
  assert.deepEqual(deviceOwners([pod('ml/a', given), pod('ml/b', given)]), {
    reading: { byDriverIndex: new Map(), byPciAddress: new Map(), byLogicalId: new Map() },
    unresolved: ['tenstorrent.com/n150 GPU-1', 'tenstorrent.com card'],
  });
});

test('what a device is known by under several ids has to agree', () => {
  const { reading } = deviceOwners([
    pod('ml/a', { c: { plugin: { 'tenstorrent.com/n150': ['0'] }, dra: [['tenstorrent.com', 'tt-0']] } }),
    pod('ml/b', { c: { plugin: { 'tenstorrent.com/n150': ['1', '0000:c2:00.0'] } } }),
    pod('ml/b', { d: { dra: [['tenstorrent.com', 'tt-1']] } }),
  ]);
  const owner = (driverIndex?: number, pciAddress?: string, logicalId?: number): DeviceOwner | undefined =>
    ownerOf(reading, { driverIndex, pciAddress, logicalId });
  assert.deepEqual(owner(0, '0000:c1:00.0', 0), owned('ml', 'a', 'c'));
  assert.deepEqual(owner(1, undefined, 1), owned('ml', 'b', undefined));
  assert.deepEqual(owner(0, '0000:c2:00.0', 0), { kind: 'ambiguous', pods: 2 });
  assert.equal(owner(5, '0000:c5:00.0', 5), undefined);
  assert.equal(owner(), undefined);
});

test('a device is never one pod`s where two have been given it', () => {
  const ids = fc.array(fc.constantFrom<string>('0', '1', '2', 'x'), { maxLength: 3 });
  const pods = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), ids), { maxLength: 6 });
  fc.assert(
    fc.property(pods, (given) => {
      const { reading } = deviceOwners(
        given.map(([name, list]) => pod(`ml/${name}`, { c: { plugin: { 'tenstorrent.com/x': list } } })),
      );
      for (const id of ['0', '1', '2']) {
        const names = new Set(given.filter(([, list]) => list.includes(id)).map(([name]) => name));
        const [only] = names;
        const expected =
          only === undefined
            ? undefined
            : names.size > 1
              ? { kind: 'ambiguous', pods: names.size }
              : owned('ml', only, 'c');
        assert.deepEqual(reading.byDriverIndex.get(Number(id)), expected);
      }
    }),
  );
});
