import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Deadline } from '../../../src/collect/deadline.ts';
import { createKubernetesSource } from '../../../src/sources/kubernetes/source.ts';
import type { KubernetesReading } from '../../../src/sources/kubernetes/types.ts';
import type { Source, SourceState } from '../../../src/sources/source.ts';
import { startKubelet, startSocket } from './fake-kubelet.ts';
import { tempFolder } from './temp-path.ts';

const UID = '0d5e1f4c-9a3b-4c2d-8e7f-001122334455';
const ID = 'ab'.repeat(32);
const NAMED = {
  pods: new Map([[UID, { podName: 'trainer', podNamespace: 'ml', containerName: undefined }]]),
  containers: new Map([[ID, { podName: 'trainer', podNamespace: 'ml', containerName: 'train' }]]),
};
const GIVEN = {
  pod_resources: [
    {
      name: 'trainer',
      namespace: 'ml',
      containers: [{ name: 'train', devices: [{ resource_name: 'tenstorrent.com/n150', device_ids: ['0', 'x\ny'] }] }],
    },
  ],
};

function logFolders(folder: string): string {
  const path = join(folder, 'pods');
  mkdirSync(join(path, `ml_trainer_${UID}`), { recursive: true });
  mkdirSync(join(folder, 'containers'));
  symlinkSync('/nowhere', join(folder, 'containers', `trainer_ml_train-${ID}.log`));
  return path;
}

async function run(
  source: Source<KubernetesReading>,
  milliseconds = 10_000,
): Promise<Omit<SourceState<KubernetesReading>, 'durationSeconds'>> {
  const deadline = Deadline.after(milliseconds);
  const started = source.start({ deadline, wantedFiles: Promise.resolve([]) });
  assert.equal(started.state().outcome, undefined);
  await started.done;
  deadline.dispose();
  const { durationSeconds, ...state } = started.state();
  assert.ok(durationSeconds >= 0);
  return state;
}

test('a host without Kubernetes has no data, which is no failure', async (t) => {
  const source = createKubernetesSource({ podLogsPath: join(tempFolder(t), 'pods'), podResourcesSocket: undefined });
  assert.equal(source.name, 'kubernetes');
  assert.deepEqual(await run(source), { outcome: 'no_data', data: undefined, errors: [] });
  await source.close();
});

test('names and devices are read together', async (t) => {
  const kubelet = await startKubelet(t, { answer: () => ({ message: GIVEN }) });
  const source = createKubernetesSource({ podLogsPath: logFolders(tempFolder(t)), podResourcesSocket: kubelet.path });
  const names = { podName: 'trainer', podNamespace: 'ml', containerName: 'train' };
  const message = 'the kubelet names 1 devices in a way that does not say which they are: "tenstorrent.com/n150 x\\ny"';
  assert.deepEqual(await run(source), {
    outcome: 'ok',
    data: {
      podLogs: NAMED,
      podResources: {
        byDriverIndex: new Map([[0, { kind: 'pod', names }]]),
        byPciAddress: new Map(),
        byLogicalId: new Map(),
      },
    },
    errors: [{ reason: 'unresolved_device', message }],
  });
  await source.close();
  const closed = await run(source);
  assert.deepEqual([closed.outcome, closed.errors.map(({ reason }) => reason)], ['failed', ['closed']]);
});

test('a kubelet that does not answer costs the names from the folders nothing', async (t) => {
  const mute = await startSocket(t, (socket) => socket.resume());
  const source = createKubernetesSource({ podLogsPath: logFolders(tempFolder(t)), podResourcesSocket: mute.path });
  const message = `${mute.path}: no answer in time: is the kubelet stuck?`;
  assert.deepEqual(await run(source, 300), {
    outcome: 'failed',
    data: { podLogs: NAMED, podResources: undefined },
    errors: [{ reason: 'no_answer', message }],
  });
  await source.close();
});

test('folders that cannot be read cost the devices nothing', async (t) => {
  const podLogsPath = join(tempFolder(t), 'pods');
  writeFileSync(podLogsPath, '');
  const kubelet = await startKubelet(t, { answer: () => ({ message: {} }) });
  const source = createKubernetesSource({ podLogsPath, podResourcesSocket: kubelet.path });
  assert.deepEqual(await run(source), {
    outcome: 'failed',
    data: {
      podLogs: undefined,
      podResources: { byDriverIndex: new Map(), byPciAddress: new Map(), byLogicalId: new Map() },
    },
    errors: [{ reason: 'not_a_folder', message: `${podLogsPath} is no folder: give another path` }],
  });
  await source.close();
});

test('a run whose time is over before it begins ends at once', async (t) => {
  const kubelet = await startKubelet(t, { answer: () => ({ message: GIVEN }) });
  const source = createKubernetesSource({ podLogsPath: logFolders(tempFolder(t)), podResourcesSocket: kubelet.path });
  const { outcome, data, errors } = await run(source, -1);
  assert.deepEqual(
    [outcome, data, errors.map(({ reason }) => reason).sort(), kubelet.questions()],
    ['failed', { podLogs: undefined, podResources: undefined }, ['deadline', 'deadline', 'no_answer'], 0],
  );
  await source.close();
});
