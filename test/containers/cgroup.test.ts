import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import { parseCgroup } from '../../src/sources/procfs/parse-cgroup.ts';
import type { ProcessGroup } from '../../src/sources/procfs/types.ts';
import { startContainer } from '../support/docker/containers.ts';
import { useEngine } from '../support/docker/engine.ts';
import type { Engine } from '../support/docker/engine.ts';

const POD_UID = '8c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f';

/** Parents as the kubelet and Slurm make them where systemd does not (cgroupfs), and what they tell beside the container. */
const PARENTS: readonly (readonly [string, string | undefined, Partial<ProcessGroup>])[] = [
  ['no parent', undefined, {}],
  ['a pod', `/kubepods/besteffort/pod${POD_UID}`, { podUid: POD_UID }],
  ["a job's step", '/slurm/uid_1000/job_77/step_0/task_0', { slurmJobId: '77' }],
];

describe('the cgroup lines of a real container name it, below', () => {
  let engine: Engine;
  before(async () => {
    engine = await useEngine();
  });
  after(() => engine.removeContainers());

  for (const [name, cgroupParent, expected] of PARENTS) {
    it(name, async (t) => {
      const host = await createSimulatedHost('n150');
      t.after(() => host.close());
      const place = cgroupParent === undefined ? {} : { cgroupParent };
      const { id, pid } = await startContainer(host, { name: 'job', chips: [0], ...place });
      const text = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
      t.diagnostic(text);
      assert.deepEqual(parseCgroup(text), {
        unit: undefined,
        containerId: id,
        podUid: undefined,
        slurmJobId: undefined,
        ...expected,
      });
    });
  }
});
