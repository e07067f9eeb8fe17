import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCgroup } from '../../../src/sources/procfs/parse-cgroup.ts';
import type { ProcessGroup } from '../../../src/sources/procfs/types.ts';

const ID = '3f4e1c2d5b6a79880123456789abcdef3f4e1c2d5b6a79880123456789abcdef';
const INNER = ID.replaceAll('3', 'e');
const UID = '8c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f';
const SLICE_UID = UID.replaceAll('-', '_');
const STATIC_UID = '0123456789abcdef0123456789abcdef';
const OTHER_UID = UID.replaceAll('8', '9');

const CASES: readonly (readonly [string, string, Partial<ProcessGroup>])[] = [
  ['a systemd service', '0::/system.slice/tt-workload@0.service', { unit: 'tt-workload@0.service' }],
  ['a service below slices of its own', '0::/a.slice/a-b.slice/x.service/sub', { unit: 'x.service' }],
  ['a session', '0::/user.slice/user-1000.slice/session-3.scope', { unit: 'session-3.scope' }],
  [
    "a user's own service is its manager's",
    '0::/user.slice/user-1000.slice/user@1000.service/app.slice/j.service',
    { unit: 'user@1000.service' },
  ],
  ['the escaped name of a unit', '0::/system.slice/_tasks.service', { unit: 'tasks.service' }],
  ['a cgroup that is gone', '0::/system.slice/x.service (deleted)', { unit: 'x.service' }],
  ['the root', '0::/', {}],
  [
    'systemd beside controllers of v1',
    '4:memory:/m.service\n1:name=systemd:/system.slice/x.service\n0::/',
    { unit: 'x.service' },
  ],
  ['Docker with systemd', `0::/system.slice/docker-${ID}.scope`, { containerId: ID }],
  ['Docker with cgroupfs', `0::/docker/${ID}`, { containerId: ID }],
  [
    'Docker on v1',
    `12:pids:/docker/${ID}\n1:name=systemd:/docker/${ID}\n0::/system.slice/containerd.service`,
    { containerId: ID, unit: 'containerd.service' },
  ],
  ['Docker seen from another cgroup namespace', `0::/../docker-${ID}.scope`, { containerId: ID }],
  ['Docker in Docker: the outer one is what this host knows', `0::/docker/${ID}/docker/${INNER}`, { containerId: ID }],
  ['a service of a container with its own systemd', `0::/docker/${ID}/system.slice/x.service`, { containerId: ID }],
  ['podman', `0::/machine.slice/libpod-${ID}.scope/container`, { containerId: ID }],
  [
    "podman's monitor is not in the container",
    `0::/machine.slice/libpod-conmon-${ID}.scope`,
    { unit: `libpod-conmon-${ID}.scope` },
  ],
  [
    'a container of a podman service',
    `0::/system.slice/inference.service/libpod-payload-${ID}`,
    { containerId: ID, unit: 'inference.service' },
  ],
  [
    'podman of a user',
    `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`,
    { containerId: ID, unit: 'user@1000.service' },
  ],
  ['nerdctl', `0::/system.slice/nerdctl-${ID}.scope`, { containerId: ID }],
  [
    'containerd in a pod',
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${SLICE_UID}.slice/cri-containerd-${ID}.scope`,
    { podUid: UID, containerId: ID },
  ],
  [
    'CRI-O in a guaranteed pod',
    `0::/kubepods.slice/kubepods-pod${SLICE_UID}.slice/crio-${ID}.scope/container`,
    { podUid: UID, containerId: ID },
  ],
  [
    'a pod with cgroupfs on v1',
    `8:memory:/kubepods/besteffort/pod${UID}/${ID}\n1:name=systemd:/kubepods/besteffort/pod${UID}/${ID}`,
    { podUid: UID, containerId: ID },
  ],
  ['a static pod', `0::/kubepods/burstable/pod${STATIC_UID}/${ID}`, { podUid: STATIC_UID, containerId: ID }],
  [
    'a kubelet with a root of its own',
    `0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${SLICE_UID}.slice/cri-containerd-${ID}.scope`,
    { podUid: UID, containerId: ID },
  ],
  [
    "containerd's cgroupfs below systemd's kubelet",
    `0::/system.slice/containerd.service/kubepods-burstable-pod${SLICE_UID}.slice:cri-containerd:${ID}`,
    { unit: 'containerd.service', podUid: UID, containerId: ID },
  ],
  [
    'a container that names a pod which is not its own',
    `0::/docker/${ID}/kubepods/pod${OTHER_UID}/${INNER}`,
    { containerId: ID },
  ],
  [
    'a user that names a pod and a job',
    `0::/user.slice/user-7.slice/user@7.service/kubepods/pod${UID}/slurm/job_9`,
    { unit: 'user@7.service' },
  ],
  [
    'Slurm on v2',
    '0::/system.slice/slurmstepd.scope/job_1234/step_0/user/task_0',
    { unit: 'slurmstepd.scope', slurmJobId: '1234' },
  ],
  [
    'Slurm with several daemons on a host',
    '0::/system.slice/node7_slurmstepd.scope/job_12/step_batch/user',
    { unit: 'node7_slurmstepd.scope', slurmJobId: '12' },
  ],
  [
    'Slurm on v1',
    '9:memory:/slurm/uid_1000/job_77/step_0/task_0\n1:name=systemd:/system.slice/slurmd.service',
    { unit: 'slurmd.service', slurmJobId: '77' },
  ],
  ['Slurm on v1 with a name for each node', '9:cpuset:/slurm_node7/uid_1000/job_78/step_extern', { slurmJobId: '78' }],
  ['a job without Slurm above it', '0::/system.slice/x.service/job_5', { unit: 'x.service' }],
  [
    'a pod of another class, seen from a cgroup namespace in a pod',
    `0::/../../../besteffort/pod${UID}/${ID}`,
    { podUid: UID, containerId: ID },
  ],
  ['nothing at all', '', {}],
];

describe('a process belongs to', () => {
  const nobody: ProcessGroup = { unit: undefined, containerId: undefined, podUid: undefined, slurmJobId: undefined };
  for (const [name, text, expected] of CASES) {
    test(name, () => {
      assert.deepEqual(parseCgroup(`${text}\n`), { ...nobody, ...expected });
    });
  }
});

test('no path makes the parser throw, and what it gives is of the right form', () => {
  const part = fc.constantFrom(
    'user.slice',
    'kubepods',
    `pod${UID}`,
    ID,
    `docker-${ID}.scope`,
    'slurm',
    'job_1',
    'x.service',
    ':',
    '',
    '..',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 8 }), (parts) => {
      const group = parseCgroup(`0::/${parts.join('/')}`);
      assert.match(group.containerId ?? ID, /^[0-9a-f]{64}$/);
      assert.match(group.podUid ?? UID, /^[0-9a-f-]{32,36}$/);
      assert.match(group.slurmJobId ?? '1', /^\d+$/);
    }),
  );
});
