import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, rmdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { createPodLogs } from '../../../src/sources/kubernetes/pod-logs.ts';
import type { PodLogs, PodLogsResult } from '../../../src/sources/kubernetes/pod-logs.ts';
import { tempFolder } from './temp-path.ts';

const UIDS = ['a', 'b', 'c'].map((digit) => `${digit}0000000-0000-4000-8000-000000000000`) as [string, string, string];
const [A, B, C] = UIDS;
const STATIC = '0123456789abcdef0123456789abcdef';
const IDS = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];

interface Node {
  readonly pods: string;
  readonly containers: string;
  readonly logs: PodLogs;
}

/** A node's /var/log, with a folder of links or without. */
function node(t: TestContext, links = true): Node {
  const folder = tempFolder(t);
  const pods = join(folder, 'pods');
  const containers = join(folder, 'containers');
  mkdirSync(pods);
  if (links) mkdirSync(containers);
  return { pods, containers, logs: createPodLogs({ path: pods }) };
}

function addPod({ pods }: Node, name: string, ...containers: string[]): string {
  const folder = join(pods, name);
  mkdirSync(folder);
  for (const container of containers) addContainer(folder, container);
  return folder;
}

function addContainer(folder: string, container: string): void {
  mkdirSync(join(folder, container));
  writeFileSync(join(folder, container, '0.log'), '');
  writeFileSync(join(folder, container, '1.log'), '');
}

function link({ containers }: Node, name: string): void {
  symlinkSync(`/nowhere/${name}`, join(containers, name));
}

/** The mtime is set back, so that what has been read may be remembered. */
function settle(folder: string, secondsAgo = 60): void {
  const at = Date.now() / 1000 - secondsAgo;
  utimesSync(folder, at, at);
}

async function read(logs: PodLogs): Promise<unknown> {
  return plain(await logs.refresh(AbortSignal.timeout(10_000)));
}

function plain({ reading, errors }: PodLogsResult): unknown {
  if (reading === undefined) return { errors };
  return { pods: Object.fromEntries(reading.pods), containers: Object.fromEntries(reading.containers), errors };
}

test('pods are named by UID, containers by their id', async (t) => {
  const host = node(t);
  addPod(host, `ml_trainer-0_${A}`, 'setup', 'train', 'sidecar');
  addPod(host, `kube-system_etcd-node-1_${STATIC}`, 'etcd');
  link(host, `trainer-0_ml_train-${IDS[0]}.log`);
  link(host, `trainer-0_ml_sidecar-${IDS[1]}.log`);
  link(host, `etcd-node-1_kube-system_etcd-${IDS[2]}.log`);
  assert.deepEqual(await read(host.logs), {
    pods: {
      [A]: { podName: 'trainer-0', podNamespace: 'ml', containerName: undefined },
      [STATIC]: { podName: 'etcd-node-1', podNamespace: 'kube-system', containerName: undefined },
    },
    containers: {
      [IDS[0]]: { podName: 'trainer-0', podNamespace: 'ml', containerName: 'train' },
      [IDS[1]]: { podName: 'trainer-0', podNamespace: 'ml', containerName: 'sidecar' },
      [IDS[2]]: { podName: 'etcd-node-1', podNamespace: 'kube-system', containerName: 'etcd' },
    },
    errors: [],
  });
});

test('without links a container is named where the pod has only that one, restarted or not', async (t) => {
  const host = node(t, false);
  addPod(host, `ml_one_${A}`, 'train');
  addPod(host, `ml_started_${B}`, 'setup', 'train');
  addPod(host, `ml_none_${C}`);
  assert.deepEqual(await read(host.logs), {
    pods: {
      [A]: { podName: 'one', podNamespace: 'ml', containerName: 'train' },
      [B]: { podName: 'started', podNamespace: 'ml', containerName: undefined },
      [C]: { podName: 'none', podNamespace: 'ml', containerName: undefined },
    },
    containers: {},
    errors: [],
  });
});

test('a second container takes the name away at once', async (t) => {
  const host = node(t, false);
  const folder = addPod(host, `ml_one_${A}`, 'setup');
  const named = (containerName: string | undefined): unknown => ({
    pods: { [A]: { podName: 'one', podNamespace: 'ml', containerName } },
    containers: {},
    errors: [],
  });
  assert.deepEqual(await read(host.logs), named('setup'));
  addContainer(folder, 'train');
  assert.deepEqual(await read(host.logs), named(undefined));
});

test('pods that come and go are seen at once, also within one tick of the clock', async (t) => {
  const host = node(t);
  for (let round = 0; round < 20; round++) {
    const folder = addPod(host, `ml_pod-${round}_${A}`);
    link(host, `pod-${round}_ml_c-${IDS[0]}.log`);
    const name = { podName: `pod-${round}`, podNamespace: 'ml' };
    assert.deepEqual(await read(host.logs), {
      pods: { [A]: { ...name, containerName: undefined } },
      containers: { [IDS[0]]: { ...name, containerName: 'c' } },
      errors: [],
    });
    rmdirSync(folder);
    rmSync(join(host.containers, `pod-${round}_ml_c-${IDS[0]}.log`));
  }
  assert.deepEqual(await read(host.logs), { pods: {}, containers: {}, errors: [] });
});

test('another folder in its place is seen, whatever its mtime', async (t) => {
  const host = node(t, false);
  addPod(host, `ml_old_${A}`, 'c');
  settle(host.pods);
  await read(host.logs);
  const other = `${host.pods}.other`;
  mkdirSync(join(other, `ml_new_${B}`), { recursive: true });
  settle(other);
  renameSync(host.pods, `${host.pods}.gone`);
  renameSync(other, host.pods);
  assert.deepEqual(await read(host.logs), {
    pods: { [B]: { podName: 'new', podNamespace: 'ml', containerName: undefined } },
    containers: {},
    errors: [],
  });
});

test('a missing folder is nothing, and no error', async (t) => {
  const folder = tempFolder(t);
  assert.deepEqual(await read(createPodLogs({ path: join(folder, 'pods') })), { errors: [] });
  mkdirSync(join(folder, 'containers'));
  assert.deepEqual(await read(createPodLogs({ path: join(folder, 'pods') })), { pods: {}, containers: {}, errors: [] });
});

test('a path that is no folder is an error that names it', async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'pods');
  writeFileSync(path, '');
  assert.deepEqual(await read(createPodLogs({ path })), {
    errors: [{ reason: 'not_a_folder', message: `${path} is no folder: give another path` }],
  });
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  assert.deepEqual(await read(createPodLogs({ path: fifo })), {
    errors: [{ reason: 'not_a_folder', message: `${fifo} is no folder: give another path` }],
  });
});

test('the folder itself may be a link, what is in it is not followed', async (t) => {
  const host = node(t, false);
  const outside = tempFolder(t);
  mkdirSync(join(outside, 'secret'));
  addPod(host, `ml_real_${A}`, 'c');
  symlinkSync(outside, join(host.pods, `ml_linked_${B}`));
  symlinkSync(outside, join(host.pods, `ml_real_${A}`, 'linked'));
  writeFileSync(join(host.pods, `ml_file_${C}`), '');
  const path = join(tempFolder(t), 'pods');
  symlinkSync(host.pods, path);
  assert.deepEqual(await read(createPodLogs({ path })), {
    pods: { [A]: { podName: 'real', podNamespace: 'ml', containerName: 'c' } },
    containers: {},
    errors: [],
  });
});

test('a pod folder that becomes a link is not followed', async (t) => {
  const host = node(t, false);
  const outside = tempFolder(t);
  mkdirSync(join(outside, 'secret'));
  const folder = addPod(host, `ml_real_${A}`, 'c');
  settle(host.pods);
  settle(folder);
  await read(host.logs);
  renameSync(folder, join(outside, 'moved'));
  symlinkSync(outside, folder);
  settle(host.pods);
  assert.deepEqual(await read(host.logs), { pods: {}, containers: {}, errors: [] });
});

test('hostile names give nothing, and cost the others nothing', async (t) => {
  const host = node(t);
  addPod(host, `ml_good_${A}`, 'c');
  const hostile = ['evil\n_x_', '"},{_', '..._', `ml_twice\n_${B}`, 'é_x_', `ML_x_${B}`, `_${B}`, 'x'.repeat(255)];
  for (const name of hostile) mkdirSync(join(host.pods, name));
  for (const name of [`x\n_ml_c-${IDS[0]}.log`, 'y'.repeat(255), `x_ml_c-${IDS[1]}.log\n`]) link(host, name);
  // A file where the kubelet makes links.
  writeFileSync(join(host.containers, `x_ml_c-${IDS[2]}.log`), '');
  execFileSync('mkfifo', [join(host.pods, `ml_fifo_${B}`)]);
  assert.deepEqual(await read(host.logs), {
    pods: { [A]: { podName: 'good', podNamespace: 'ml', containerName: undefined } },
    containers: {},
    errors: [],
  });
});

test('a UID or an id that has two names has none', async (t) => {
  const host = node(t);
  for (const name of ['x', 'y', 'z']) {
    addPod(host, `ml_${name}_${A}`);
    link(host, `${name}_ml_c-${IDS[0]}.log`);
  }
  addPod(host, `ml_x_${B}`);
  link(host, `x_ml_c-${IDS[1]}.log`);
  assert.deepEqual(await read(host.logs), {
    pods: { [B]: { podName: 'x', podNamespace: 'ml', containerName: undefined } },
    containers: { [IDS[1]]: { podName: 'x', podNamespace: 'ml', containerName: 'c' } },
    errors: [],
  });
});

test('more entries than are looked at are said to be so', async (t) => {
  const host = node(t);
  for (let index = 0; index < 40; index++) mkdirSync(join(host.pods, `junk-${index}`));
  const message = `${host.pods} has more entries than are looked at: names are missing`;
  const logs = createPodLogs({ path: host.pods, maxEntries: 39 });
  assert.deepEqual(await read(logs), { pods: {}, containers: {}, errors: [{ reason: 'too_many_entries', message }] });
  assert.deepEqual(await read(createPodLogs({ path: host.pods, maxEntries: 40 })), {
    pods: {},
    containers: {},
    errors: [],
  });
});

test('a pod with very many entries names no container, whichever of them come first', async (t) => {
  const host = node(t, false);
  const expected: Record<string, unknown> = {};
  for (let pod = 0; pod < 10; pod++) {
    const uid = `a000000${pod}-0000-4000-8000-000000000000`;
    const folder = addPod(host, `ml_many-${pod}_${uid}`, 'real');
    for (let index = 0; index < 70; index++) writeFileSync(join(folder, `.junk-${pod}-${index}`), '');
    expected[uid] = { podName: `many-${pod}`, podNamespace: 'ml', containerName: undefined };
  }
  assert.deepEqual(await read(host.logs), { pods: expected, containers: {}, errors: [] });
});

test('twenty thousand entries are looked through in time', async (t) => {
  const host = node(t);
  for (let index = 0; index < 10_000; index++) {
    const hex = index.toString(16).padStart(4, '0');
    mkdirSync(join(host.pods, `ml_pod-${index}_0000${hex}-0000-4000-8000-000000000000`));
    link(host, `pod-${index}_ml_c-${hex.padStart(64, '0')}.log`);
  }
  settle(host.pods);
  settle(host.containers);
  const first = await host.logs.refresh(AbortSignal.timeout(10_000));
  assert.deepEqual([first.reading?.pods.size, first.reading?.containers.size, first.errors], [10_000, 10_000, []]);
});

test('where there is no time, what was known stays, less what a change could make wrong', async (t) => {
  const host = node(t, false);
  addPod(host, `ml_one_${A}`, 'c');
  const late = [host.pods, host.containers].map((path) => ({
    reason: 'deadline',
    message: `${path} was not listed in time: is its disk slow?`,
  }));
  assert.deepEqual(plain(await host.logs.refresh(AbortSignal.abort())), { errors: late });
  await read(host.logs);
  assert.deepEqual(plain(await host.logs.refresh(AbortSignal.abort())), {
    pods: { [A]: { podName: 'one', podNamespace: 'ml', containerName: undefined } },
    containers: {},
    errors: late,
  });
});

test('no descriptor is left open', async (t) => {
  const host = node(t, false);
  const folder = addPod(host, `ml_one_${A}`, 'c');
  const open = (): number => readdirSync('/proc/self/fd').length;
  await read(host.logs);
  const before = open();
  for (let index = 0; index < 20; index++) {
    addContainer(folder, `c-${index}`);
    await read(host.logs);
    const cut = new AbortController();
    const late = host.logs.refresh(cut.signal);
    cut.abort();
    await late;
    // What was cut off is over by the time that a further look is.
    await read(host.logs);
  }
  assert.ok(open() <= before, `${before} then, ${open()} now`);
});
