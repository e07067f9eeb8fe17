import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAMILIES, FAMILIES_WITH_USER } from '../../../src/metrics/catalogue.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import type { Family } from '../../../src/metrics/family.ts';
import { bareDevice, bareMemory, bareProcess, bareSnapshot, memoryOf } from '../../support/rich-snapshot.ts';

/** The samples on a page that are about processes or workloads. */
function samples(families: readonly Family[], snapshot: ReturnType<typeof bareSnapshot>): string[] {
  const { body } = new PageEncoder(families).encode(snapshot, {
    format: 'text',
    ownFamilies: new Uint8Array(),
    ownSeries: 0,
  });
  const lines = Buffer.from(body).toString().trimEnd().split('\n');
  return lines.filter((line) => /^tt_(?:workload|process)_/.test(line));
}

describe('the user of a process', () => {
  const snapshot = bareSnapshot({ processes: [bareProcess('7', { comm: 'a', user: 'alice' }), bareProcess('other')] });
  const rest = 'unit="",container_id="",pod_uid="",pod_name="",pod_namespace="",container_name="",slurm_job_id=""';

  it('is no label unless it is asked for', () => {
    assert.deepEqual(samples(FAMILIES, snapshot), [
      `tt_process_info{pid="7",namespace_pid="",comm="a",${rest}} 1`,
      `tt_process_info{pid="other",namespace_pid="",comm="",${rest}} 1`,
    ]);
  });

  it('is the last label where it is, and nothing else is different', () => {
    assert.deepEqual(samples(FAMILIES_WITH_USER, snapshot), [
      `tt_process_info{pid="7",namespace_pid="",comm="a",${rest},user="alice"} 1`,
      `tt_process_info{pid="other",namespace_pid="",comm="",${rest},user=""} 1`,
    ]);
    const names = (families: readonly Family[]) => families.map(({ name }) => name);
    assert.deepEqual(names(FAMILIES_WITH_USER), names(FAMILIES));
  });
});

describe('sums by workload', () => {
  it('have a series for each type that is known', () => {
    const device = bareDevice('0', {
      memory: bareMemory({
        workloads: [
          {
            kind: 'slurm_job',
            workload: '77',
            bytes: memoryOf({ dram: 1, trace: 2, l1: 3, l1_small: 4, cb: 5, kernel: 6 }),
          },
          { kind: 'none', workload: '', bytes: memoryOf({ dram: 0, l1: 7 }) },
        ],
      }),
    });
    assert.deepEqual(
      samples(FAMILIES, bareSnapshot({ devices: [device, bareDevice('1', { memory: bareMemory() })] })),
      [
        'tt_workload_l1_allocated_bytes{device="0",workload_kind="slurm_job",workload="77",type="l1"} 3',
        'tt_workload_l1_allocated_bytes{device="0",workload_kind="slurm_job",workload="77",type="l1_small"} 4',
        'tt_workload_l1_allocated_bytes{device="0",workload_kind="slurm_job",workload="77",type="cb"} 5',
        'tt_workload_l1_allocated_bytes{device="0",workload_kind="slurm_job",workload="77",type="kernel"} 6',
        'tt_workload_l1_allocated_bytes{device="0",workload_kind="none",workload="",type="l1"} 7',
        'tt_workload_dram_allocated_bytes{device="0",workload_kind="slurm_job",workload="77",type="dram"} 1',
        'tt_workload_dram_allocated_bytes{device="0",workload_kind="slurm_job",workload="77",type="trace"} 2',
        'tt_workload_dram_allocated_bytes{device="0",workload_kind="none",workload="",type="dram"} 0',
      ],
    );
  });
});
