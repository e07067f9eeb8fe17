import assert from 'node:assert/strict';
import { it } from 'node:test';
import { podNames } from '../../src/join/pod-names.ts';
import type { KubernetesReading } from '../../src/sources/kubernetes/types.ts';
import { card, hostProcess, procfs } from '../support/readings.ts';

const POD = { podName: 'llama-0', podNamespace: 'serving', containerName: 'server' };
const inPod = (pid: number, podUid: string) =>
  hostProcess(pid, { cgroup: { unit: undefined, containerId: undefined, podUid, slurmJobId: undefined } });

function names(kubernetes: KubernetesReading | undefined, devices: Readonly<Record<number, readonly number[]>> = {}) {
  const cards = [card({ index: 0, driverIndex: undefined }), card({ index: 1, driverIndex: 3 })];
  return podNames({
    kubernetes,
    procfs: procfs({ processes: [inPod(60, 'uid-1'), hostProcess(61)], devices }),
    sysfs: { driverVersion: undefined, cards },
  });
}

it('a process of a pod is named after the pod by its UID, and no other', () => {
  const podLogs = { pods: new Map([['uid-1', POD]]), containers: new Map() };
  assert.deepEqual(names({ podLogs, podResources: undefined }), new Map([[60, POD]]));
  assert.deepEqual(names(undefined), new Map());
});

it('where the log folders know nothing, a process of a pod is named by the device that its pod alone was given', () => {
  const byPciAddress = new Map([['0000:02:00.0', { kind: 'pod', names: POD } as const]]);
  const podResources = { byDriverIndex: new Map(), byPciAddress, byLogicalId: new Map() };
  assert.deepEqual(names({ podLogs: undefined, podResources }, { 3: [60, 61] }), new Map([[60, POD]]));
  const byLogicalId = new Map([[0, { kind: 'pod', names: POD } as const]]);
  const logical = { byDriverIndex: new Map(), byPciAddress: new Map(), byLogicalId };
  assert.deepEqual(names({ podLogs: undefined, podResources: logical }, { 3: [60] }), new Map([[60, POD]]));
  assert.deepEqual(names({ podLogs: undefined, podResources: logical }, { 2: [60] }), new Map());
});
