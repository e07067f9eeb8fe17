import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isContainerName, parseContainerLink, parsePodFolder } from '../../../src/sources/kubernetes/log-names.ts';

const UID = '0d5e1f4c-9a3b-4c2d-8e7f-001122334455';
const HASH = '0123456789abcdef0123456789abcdef';
const ID = 'ab'.repeat(32);

test('a pod is told by the name of its folder', () => {
  const names: [string, ReturnType<typeof parsePodFolder>][] = [
    [`ml_trainer-0_${UID}`, { uid: UID, pod: { podName: 'trainer-0', podNamespace: 'ml' } }],
    [
      `kube-system_etcd-node-1.example_${HASH}`,
      { uid: HASH, pod: { podName: 'etcd-node-1.example', podNamespace: 'kube-system' } },
    ],
    [`a_b_${UID}`, { uid: UID, pod: { podName: 'b', podNamespace: 'a' } }],
  ];
  for (const [name, expected] of names) assert.deepEqual(parsePodFolder(name), expected, name);
});

test('what is no name of a pod folder is none', () => {
  const names = [
    '',
    UID,
    `ml_trainer-0_${UID}\n`,
    `ml\n_trainer-0_${UID}`,
    `ml_trainer_0_${UID}`,
    `ML_trainer-0_${UID}`,
    `-ml_trainer-0_${UID}`,
    `ml_trainer-0-_${UID}`,
    `ml_.hidden_${UID}`,
    `a.b_trainer-0_${UID}`,
    `${'n'.repeat(64)}_trainer-0_${UID}`,
    `ml_trainer-0_${UID.toUpperCase()}`,
    `ml_trainer-0_${UID.slice(1)}`,
    `ml_trainer-0_${HASH}0`,
    `ml_trainer-0_${UID}.bak`,
    `__${UID}`,
    `../ml_trainer-0_${UID}`,
  ];
  for (const name of names) assert.equal(parsePodFolder(name), undefined, JSON.stringify(name));
});

test('a container is told by the name of its link, whatever dashes and dots are in it', () => {
  const names: [string, ReturnType<typeof parseContainerLink>][] = [
    [
      `trainer-0_ml_train-${ID}.log`,
      { id: ID, container: { podName: 'trainer-0', podNamespace: 'ml', containerName: 'train' } },
    ],
    [
      `a.b-c_kube-system_x-${'0'.repeat(8)}-${ID}.log`,
      { id: ID, container: { podName: 'a.b-c', podNamespace: 'kube-system', containerName: 'x-00000000' } },
    ],
    [
      `p_n_${'c'.repeat(63)}-${ID}.log`,
      { id: ID, container: { podName: 'p', podNamespace: 'n', containerName: 'c'.repeat(63) } },
    ],
  ];
  for (const [name, expected] of names) assert.deepEqual(parseContainerLink(name), expected, name);
});

test('what is no name of a container link is none', () => {
  const names = [
    '',
    `trainer-0_ml_train-${ID}`,
    `trainer-0_ml_train-${ID.slice(1)}.log`,
    `trainer-0_ml_train-${ID}0.log`,
    `trainer-0_ml_train-${ID.toUpperCase()}.log`,
    `trainer-0_ml_${ID}.log`,
    `trainer-0_ml_-${ID}.log`,
    `trainer-0_ml_train--${ID}.log`,
    `trainer-0_m.l_train-${ID}.log`,
    `trainer-0_ml_train-${ID}.log\n`,
  ];
  for (const name of names) assert.equal(parseContainerLink(name), undefined, JSON.stringify(name));
});

test('no name that is told has anything but small letters, digits, dashes and dots', () => {
  const odd = fc.string({
    unit: fc.constantFrom('a', '0', '-', '_', '.', '\n', 'é', '/', UID, ID, '.log'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(odd, (name) => {
      const pod = parsePodFolder(name)?.pod;
      const container = parseContainerLink(name)?.container;
      const texts = [pod?.podName, pod?.podNamespace, ...Object.values<string>({ ...container })];
      for (const text of texts.filter((one) => one !== undefined)) {
        assert.match(text, /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/);
      }
      if (isContainerName(name)) assert.match(name, /^[-a-z0-9]{1,63}$/);
    }),
    { numRuns: 2_000 },
  );
});

test('names are told from any pod and container that Kubernetes allows', () => {
  const edge = fc.constantFrom('a', 'z', '0', '9');
  const label = fc
    .tuple(edge, fc.string({ unit: fc.constantFrom('a', '7', '-'), maxLength: 61 }), edge)
    .map((parts) => parts.join(''));
  const subdomain = fc.array(label, { minLength: 1, maxLength: 2 }).map((labels) => labels.join('.'));
  const hex = fc.string({ unit: fc.constantFrom('0', '9', 'a', 'f'), minLength: 64, maxLength: 64 });
  fc.assert(
    fc.property(subdomain, label, label, hex, (podName, podNamespace, containerName, id) => {
      assert.deepEqual(parsePodFolder(`${podNamespace}_${podName}_${UID}`), {
        uid: UID,
        pod: { podName, podNamespace },
      });
      const container = { podName, podNamespace, containerName };
      assert.deepEqual(parseContainerLink(`${podName}_${podNamespace}_${containerName}-${id}.log`), { id, container });
    }),
  );
});
