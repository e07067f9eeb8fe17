import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { connectKubelet, listPodResources } from '../../../src/sources/kubernetes/kubelet-call.ts';
import { KubeletError } from '../../../src/sources/kubernetes/kubelet-error.ts';
import type { KubeletFault } from '../../../src/sources/kubernetes/kubelet-error.ts';
import { createPodResources } from '../../../src/sources/kubernetes/pod-resources.ts';
import type { PodResourcesClient } from '../../../src/sources/kubernetes/pod-resources.ts';
import { eventually } from '../../support/eventually.ts';
import { deadSocket, encodeAnswer, startKubelet, startSocket } from './fake-kubelet.ts';
import { tempFolder } from './temp-path.ts';

const PLENTY_MS = 10_000;
const SHORT_MS = 150;

const FULL = {
  pod_resources: [
    {
      name: 'trainer-0',
      namespace: 'ml',
      cpu_ids: [0, 1, 2],
      memory: [{ memory_type: 'hugepages-1Gi', size: 1_073_741_824, topology: { nodes: [{ ID: 0 }] } }],
      containers: [
        {
          name: 'train',
          cpu_ids: [4, 5],
          memory: [{ memory_type: 'memory', size: 1 }],
          devices: [
            { resource_name: 'tenstorrent.com/n150', device_ids: ['0', '1'], topology: { nodes: [{ ID: 1 }] } },
          ],
          dynamic_resources: [
            {
              claim_name: 'board',
              claim_namespace: 'ml',
              claim_resources: [
                {
                  cdi_devices: [{ name: 'k8s.tenstorrent.com/tenstorrent=common' }],
                  driver_name: 'tenstorrent.com',
                  pool_name: 'node-1',
                  device_name: 'tt-3',
                  share_id: 'x',
                },
              ],
            },
          ],
        },
      ],
    },
    { name: 'idle', namespace: 'default' },
  ],
};

const READ = {
  podResources: [
    {
      name: 'trainer-0',
      namespace: 'ml',
      containers: [
        {
          name: 'train',
          devices: [{ resourceName: 'tenstorrent.com/n150', deviceIds: ['0', '1'] }],
          dynamicResources: [{ claimResources: [{ driverName: 'tenstorrent.com', deviceName: 'tt-3' }] }],
        },
      ],
    },
    { name: 'idle', namespace: 'default', containers: [] },
  ],
};

/** The answer as plain data: gRPC's objects have prototypes of their own. */
async function list(client: PodResourcesClient, milliseconds = PLENTY_MS): Promise<unknown> {
  return structuredClone(JSON.parse(JSON.stringify(await client.list(AbortSignal.timeout(milliseconds)))) as unknown);
}

async function faultOf(
  client: PodResourcesClient,
  milliseconds = PLENTY_MS,
): Promise<{ fault: KubeletFault; message: string }> {
  const error = await client.list(AbortSignal.timeout(milliseconds)).then(
    () => assert.fail('it answered'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof KubeletError, String(error));
  return { fault: error.fault, message: error.message };
}

/** Connections that are open to a socket, by the ends that its server has (proc(5): /proc/net/unix). */
function connectionsTo(path: string): number {
  const ends = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .filter((line) => line.endsWith(` ${path}`));
  return ends.filter((line) => line.split(' ')[3] !== LISTENING).length;
}

/** Of the column Flags. */
const LISTENING = '00010000';

test('it reads what a node has given to its pods, and skips what it does not need', async (t) => {
  const kubelet = await startKubelet(t, { answer: () => ({ message: FULL }) });
  const client = createPodResources({ socketPath: kubelet.path });
  t.after(() => {
    client.close();
  });
  assert.deepEqual(await list(client), READ);
});

test('an empty node is an empty answer', async (t) => {
  const kubelet = await startKubelet(t, { answer: () => ({ message: {} }) });
  const client = createPodResources({ socketPath: kubelet.path });
  t.after(() => {
    client.close();
  });
  assert.deepEqual(await list(client), { podResources: [] });
});

test('many questions take one connection, which ends with close', async (t) => {
  const kubelet = await startKubelet(t, { answer: () => ({ message: FULL }) });
  const client = createPodResources({ socketPath: kubelet.path });
  for (let index = 0; index < 5; index++) assert.deepEqual(await list(client), READ);
  assert.equal(connectionsTo(kubelet.path), 1);
  client.close();
  await eventually('the connection to end', () => connectionsTo(kubelet.path) === 0);
});

test('a kubelet that is started anew is asked again', async (t) => {
  const path = join(tempFolder(t), 'kubelet.sock');
  const first = await startKubelet(t, { path, answer: () => ({ message: {} }) });
  const client = createPodResources({ socketPath: path });
  t.after(() => {
    client.close();
  });
  assert.deepEqual(await list(client), { podResources: [] });
  first.stop();
  rmSync(path, { force: true });
  assert.equal((await faultOf(client)).fault, 'absent');
  await startKubelet(t, { path, answer: () => ({ message: FULL }) });
  assert.deepEqual(await list(client), READ);
});

test('a path that leads to no kubelet says what is wrong with it', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const paths: [string, KubeletFault, RegExp][] = [
    [join(folder, 'nothing'), 'absent', /nothing is not there: is the kubelet running/],
    [join(folder, 'file', 'below'), 'absent', /below is not there/],
    [join(folder, 'file'), 'not_a_socket', /file is no socket/],
    [folder, 'not_a_socket', /is no socket/],
    [join(folder, 'x'.repeat(120)), 'bad_path', /at most 107 bytes/],
    [join(folder, 'nul\0'), 'unavailable', /cannot be looked at \(ERR_INVALID_ARG_VALUE\)/],
    [await deadSocket(t), 'refused', /nobody listens there/],
  ];
  for (const [socketPath, fault, message] of paths) {
    const client = createPodResources({ socketPath });
    const found = await faultOf(client);
    assert.equal(found.fault, fault);
    assert.match(found.message, message);
    client.close();
  }
});

test('what the kubelet says no with is told apart', async (t) => {
  const answers: [status, string, KubeletFault, RegExp][] = [
    [status.RESOURCE_EXHAUSTED, 'rejected by rate limit', 'rate_limited', /asked too often: rejected by rate limit/],
    [status.PERMISSION_DENIED, 'no\n# HELP evil', 'rejected', /refuses to say \(gRPC status 7\): no\?# HELP evil$/],
    [status.UNIMPLEMENTED, 'gone', 'unsupported', /no PodResources API v1 there/],
    [status.UNAVAILABLE, 'x'.repeat(5_000), 'unavailable', /no connection: x{200}$/],
    [status.DATA_LOSS, 'odd', 'rejected', /refuses to say/],
  ];
  for (const [code, details, fault, message] of answers) {
    const kubelet = await startKubelet(t, { answer: () => ({ code, details }) });
    const client = createPodResources({ socketPath: kubelet.path });
    const found = await faultOf(client);
    assert.equal(found.fault, fault);
    assert.match(found.message, message);
    client.close();
  }
});

test('a gRPC server without this API is said to have none', async (t) => {
  const kubelet = await startKubelet(t, { answer: undefined });
  const client = createPodResources({ socketPath: kubelet.path });
  assert.equal((await faultOf(client)).fault, 'unsupported');
  client.close();
});

test('a kubelet that never answers costs no more than the time there is, and none of its descriptors', async (t) => {
  const kubelet = await startKubelet(t, { answer: () => ({ silence: true }) });
  const mute = await startSocket(t, (socket) => socket.resume());
  for (const { path } of [kubelet, mute]) {
    const client = createPodResources({ socketPath: path });
    for (let index = 0; index < 3; index++) {
      const startedAt = performance.now();
      assert.equal((await faultOf(client, SHORT_MS)).fault, 'no_answer');
      assert.ok(performance.now() - startedAt < 3_000);
    }
    // Also before close: what has failed once is dropped at once.
    await eventually('every connection to end', () => connectionsTo(path) === 0);
    client.close();
  }
});

test('no time at all is no question', async (t) => {
  const kubelet = await startKubelet(t, { answer: () => ({ message: FULL }) });
  const client = createPodResources({ socketPath: kubelet.path });
  await assert.rejects(client.list(AbortSignal.abort()), { fault: 'no_answer' });
  assert.equal(kubelet.questions(), 0);
  client.close();
  // Nor where the time ends just before the question.
  const silent = await startKubelet(t, { answer: () => ({ silence: true }) });
  const channel = connectKubelet(silent.path);
  await assert.rejects(listPodResources(channel, silent.path, AbortSignal.abort()), { fault: 'no_answer' });
  channel.close();
});

test('a peer that is no gRPC server is a fault, and is connected to once a question', async (t) => {
  const peers: ((socket: Socket) => void)[] = [
    (socket) => socket.destroy(),
    (socket) => socket.end(),
    (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    (socket) => socket.end(Buffer.alloc(100_000, 0xff)),
    // An HTTP/2 server whose settings are none: a frame of a length that its type cannot have.
    (socket) => socket.write(Buffer.from([0, 0, 1, 4, 0, 0, 0, 0, 0, 7])),
  ];
  for (const [index, peer] of peers.entries()) {
    const server = await startSocket(t, peer);
    const client = createPodResources({ socketPath: server.path });
    for (let question = 1; question <= 3; question++) {
      const { fault } = await faultOf(client);
      assert.equal(fault, 'unavailable', `peer ${index}`);
      assert.equal(server.connections(), question);
    }
    client.close();
    await server.stop();
  }
});

test('bytes that are no answer are garbage', async (t) => {
  const cut = encodeAnswer(FULL).subarray(0, -3);
  // A string that claims 100 bytes, and a group without an end.
  for (const bytes of [cut, Uint8Array.of(0x0a, 0x64, 0x61), Uint8Array.of(0x0b, 0x0b), Uint8Array.of(0xff)]) {
    const kubelet = await startKubelet(t, { answer: () => ({ bytes }) });
    const client = createPodResources({ socketPath: kubelet.path });
    const found = await faultOf(client);
    assert.equal(found.fault, 'garbage');
    assert.match(found.message, /the answer cannot be read/);
    client.close();
  }
});

test('an answer that is too long is not read', async (t) => {
  const message = { pod_resources: [{ name: 'x'.repeat(5_000), namespace: 'ml' }] };
  const kubelet = await startKubelet(t, { answer: () => ({ message }) });
  const bounded = createPodResources({ socketPath: kubelet.path, maxAnswerBytes: 4_000 });
  assert.equal((await faultOf(bounded)).fault, 'answer_too_large');
  bounded.close();
  const usual = createPodResources({ socketPath: kubelet.path });
  assert.deepEqual(await list(usual), { podResources: [{ name: 'x'.repeat(5_000), namespace: 'ml', containers: [] }] });
  usual.close();
});

test('close ends a question that is out, and further ones are refused', async (t) => {
  const kubelet = await startKubelet(t, { answer: () => ({ silence: true }) });
  const mute = await startSocket(t, (socket) => socket.resume());
  const peers: [string, () => boolean][] = [
    [kubelet.path, () => kubelet.questions() === 1],
    [mute.path, () => mute.connections() === 1],
  ];
  for (const [socketPath, arrived] of peers) {
    const client = createPodResources({ socketPath });
    const asked = faultOf(client);
    await eventually('the question to arrive', arrived);
    client.close();
    assert.equal((await asked).fault, 'closed');
    assert.equal((await faultOf(client)).fault, 'closed');
    client.close();
    await eventually('the connection to end', () => connectionsTo(socketPath) === 0);
  }
});

test('a second kubelet in the place of the first is the one that is asked', async (t) => {
  const path = join(tempFolder(t), 'kubelet.sock');
  await startKubelet(t, { path, answer: () => ({ message: {} }) });
  const client = createPodResources({ socketPath: path });
  t.after(() => {
    client.close();
  });
  assert.deepEqual(await list(client), { podResources: [] });
  // Its file goes, it itself stays.
  rmSync(path);
  await startKubelet(t, { path, answer: () => ({ message: FULL }) });
  assert.deepEqual(await list(client), READ);
});

test('whatever bytes come, there is an answer of the right shape or a fault', async (t) => {
  let bytes: Uint8Array = new Uint8Array();
  const kubelet = await startKubelet(t, { answer: () => ({ bytes }) });
  const client = createPodResources({ socketPath: kubelet.path });
  t.after(() => {
    client.close();
  });
  const valid = encodeAnswer(FULL);
  const damaged = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
    const copy = Uint8Array.from(valid);
    for (const [at, value] of changes) copy[at] = value;
    return copy;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), async (sent) => {
      bytes = sent;
      try {
        const { podResources } = await client.list(AbortSignal.timeout(PLENTY_MS));
        for (const { name, namespace, containers } of podResources) {
          assert.equal(typeof name + typeof namespace, 'stringstring');
          for (const { devices, dynamicResources } of containers) {
            for (const { deviceIds } of devices) assert.ok(deviceIds.every((id) => typeof id === 'string'));
            for (const { claimResources } of dynamicResources) assert.ok(Array.isArray(claimResources));
          }
        }
      } catch (error) {
        assert.ok(error instanceof KubeletError && error.fault === 'garbage', String(error));
      }
    }),
    { numRuns: 300 },
  );
});
