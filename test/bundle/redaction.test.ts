import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChipNumbers } from '../../src/check/bundle/chip-numbers.ts';
import { Pseudonyms } from '../../src/check/bundle/pseudonyms.ts';
import { redactCgroup, redactUnit } from '../../src/check/bundle/redact-cgroup.ts';
import { redactDocument } from '../../src/check/bundle/redact-document.ts';
import { LABEL_REDACTIONS, redactPage } from '../../src/check/bundle/redact-page.ts';
import { redactStat, redactStatus } from '../../src/check/bundle/redact-process.ts';
import { redactRegion } from '../../src/check/bundle/redact-region.ts';
import { redactFindings } from '../../src/check/bundle/redact-report.ts';
import { newRedaction } from '../../src/check/bundle/redaction.ts';
import { chipsByUniqueId } from '../../src/join/chip-ids.ts';
import { FAMILIES_WITH_USER } from '../../src/metrics/catalogue.ts';
import { decodeRegion } from '../../src/sources/shared-memory/decode.ts';
import { parseCgroup } from '../../src/sources/procfs/parse-cgroup.ts';
import { parseStat } from '../../src/sources/procfs/parse-stat.ts';
import { parseStatus } from '../../src/sources/procfs/parse-status.ts';
import { boardOfSerial } from '../../src/sources/sysfs/board-names.ts';
import { card } from '../support/readings.ts';

const ID = 'ab12'.repeat(16);
const UID = '6f2c5b0a-1d3e-4f5a-8b9c-0123456789ab';
const SLICE_UID = UID.replaceAll('-', '_');

describe('numbers of boards and chips', () => {
  const boards = [
    { board: 'n150', arch: 'wormhole', upi: 0x18n },
    { board: 'n300', arch: 'wormhole', upi: 0x14n },
    { board: 'p150a', arch: 'blackhole', upi: 0x40n },
  ] as const;

  it('stand for each other: a region still says which chip it is of, and a serial which board', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...boards),
        fc.bigInt({ min: 1n, max: 2n ** 36n - 1n }),
        fc.bigInt({ min: 1n, max: 2n ** 64n - 2n }),
        ({ board, arch, upi }, own, asicId) => {
          const numbers = new ChipNumbers(new Pseudonyms());
          const serial = (0x01n << 56n) | (upi << 36n) | own;
          numbers.learn(serial);
          const known = chipsByUniqueId([card({ index: 0, board, arch, serial, asicId })]);
          const other = card({ index: 0, board, arch, serial: numbers.serial(serial), asicId: numbers.chip(asicId) });
          const others = chipsByUniqueId([other]);
          assert.equal(boardOfSerial(numbers.serial(serial)), boardOfSerial(serial));
          for (const [id, { remote }] of known) assert.deepEqual(others.get(numbers.chip(id)), { card: other, remote });
        },
      ),
    );
  });

  it('are others, different for different ones, and the same again within a bundle only', () => {
    const numbers = new ChipNumbers(new Pseudonyms());
    const serials = Array.from({ length: 500 }, (_, i) => 0x0100018611800000n + BigInt(i));
    const others = serials.map((serial) => numbers.serial(serial));
    assert.equal(new Set(others).size, 500);
    assert.equal(others.filter((other) => serials.includes(other)).length, 0);
    assert.deepEqual(
      serials.map((serial) => numbers.serial(serial)),
      others,
    );
    assert.notDeepEqual(
      serials.map((serial) => new ChipNumbers(new Pseudonyms()).serial(serial)),
      others,
    );
  });

  it('stay where they say nothing: none, all ones, a logical number', () => {
    const numbers = new ChipNumbers(new Pseudonyms());
    assert.deepEqual(
      [numbers.serial(0n), numbers.serial(2n ** 64n - 1n), numbers.chip(31n)],
      [0n, 2n ** 64n - 1n, 31n],
    );
  });
});

describe('a cgroup with other names', () => {
  const paths = [
    '/system.slice/zanzibar@quux.service',
    '/user.slice/user-1000.slice/session-3.scope',
    '/user.slice/user-1000.slice/user@1000.service/app.slice/zanzibar.service',
    '/system.slice/_zanzibar.service',
    `/system.slice/docker-${ID}.scope`,
    `/docker/${ID}/docker/${ID}`,
    `/../docker-${ID}.scope`,
    `/machine.slice/libpod-${ID}.scope/container`,
    `/machine.slice/libpod-conmon-${ID}.scope`,
    `/system.slice/zanzibar.service/libpod-payload-${ID}`,
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${SLICE_UID}.slice/cri-containerd-${ID}.scope`,
    `/kubepods.slice/kubepods-pod${SLICE_UID}.slice/crio-${ID}.scope/container`,
    `/kubepods/besteffort/pod${UID}/${ID}`,
    `/kubepods/burstable/pod${UID.replaceAll('-', '')}/${ID}`,
    `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${SLICE_UID}.slice/cri-containerd-${ID}.scope`,
    `/system.slice/containerd.service/kubepods-burstable-pod${SLICE_UID}.slice:cri-containerd:${ID}`,
    '/system.slice/slurmstepd.scope/job_1234/step_0/user/task_0',
    '/system.slice/zanzibar_slurmstepd.scope/job_12/step_batch/user',
    '/slurm_zanzibar/uid_1000/job_77/step_0',
    '/zanzibar/quux-pod/tasks',
    '/',
  ];

  it('says the same of units, containers, pods and jobs, and none of the names', () => {
    for (const path of paths) {
      const names = new Pseudonyms();
      const text = `0::${path}\n`;
      const redacted = redactCgroup(text, names);
      const { unit, containerId, podUid, slurmJobId } = parseCgroup(text);
      assert.deepEqual(
        parseCgroup(redacted),
        {
          unit: unit === undefined ? undefined : redactUnit(unit, names),
          containerId: containerId === undefined ? undefined : names.containerId(containerId),
          podUid: podUid === undefined ? undefined : names.podUid(podUid),
          slurmJobId,
        },
        `${path} -> ${redacted}`,
      );
      assert.doesNotMatch(redacted, /zanzibar|quux|ab12ab12|6f2c5b0a/, path);
    }
  });

  it('has nothing of any word that is made up', () => {
    const word = fc.stringMatching(/^Q[a-z]{5,12}Z$/);
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            word,
            word.map((one) => `${one}.service`),
            word.map((one) => `x-${one}.slice`),
          ),
        ),
        (parts) => {
          assert.doesNotMatch(redactCgroup(`3:${parts.join(',')}:/${parts.join('/')}\n`, new Pseudonyms()), /Q[a-z]+Z/);
        },
      ),
    );
  });
});

describe('files of a process with other names', () => {
  it('say the same but for the name', () => {
    const names = new Pseudonyms();
    const stat = Buffer.from('77 (Zanz) R 1 (x) S 5 77 77 0 -1 4194304 0 0 0 0 7 3 0 0 20 0 9 0 5000 4096 1 2 3\n');
    const before = parseStat(stat);
    const after = parseStat(Buffer.from(redactStat(stat, names) ?? ''));
    assert.deepEqual({ ...after, comm: '' }, { ...before, comm: '' });
    assert.equal(after?.comm, names.name('process', 'Zanz) R 1 (x'));
    const status = 'Name:\tZanz\nState:\tS (sleeping)\nUid:\t7\t7\t7\t7\nNSpid:\t77\t1\nThreads:\t9\nGroups:\t4 5\n';
    assert.equal(redactStatus(status), 'State:\tS\nNSpid:\t77\t1\nThreads:\t9\n');
    assert.deepEqual(parseStatus(redactStatus(status) ?? ''), { ...parseStatus(status), uid: undefined });
    assert.deepEqual([redactStat(Buffer.from('no'), names), redactStatus('no')], [undefined, undefined]);
  });
});

describe('a region with other names', () => {
  const folder = new URL('../fixtures/regions/', import.meta.url);
  const options = { maxBytes: 2 ** 40, clock: { epochSeconds: 4e9, monotonicSeconds: 4e9 } };

  it('is what it was, whole or broken', () => {
    const region = Buffer.from(readFileSync(new URL('v3.bin', folder)));
    for (const version of [0, 1, 2, 3, 4, 5]) {
      for (const length of [0, 3, 90, 500, 8576, 8640, 9216, 9280]) {
        const bytes = Buffer.concat([region, Buffer.alloc(1000)]).subarray(0, length);
        if (length >= 4) bytes.writeUInt32LE(version, 0);
        const before = decodeRegion(bytes, options);
        const after = decodeRegion(redactRegion(bytes, newRedaction()), options);
        assert.equal(after.ok, before.ok, `${version} ${length}`);
        if (before.ok && after.ok) {
          const bare = ({ region: one }: typeof before) => ({
            ...one,
            boardSerial: 0n,
            asicId: 0n,
            slots: one.slots.map((slot) => ({ ...slot, name: '' })),
          });
          assert.deepEqual(bare(after), bare(before));
        } else assert.deepEqual(after, before);
      }
    }
  });

  it('has no name left, also where nobody knows its layout', () => {
    for (const version of [3, 9]) {
      const bytes = Buffer.alloc(8576);
      bytes.writeUInt32LE(version, 0);
      for (let slot = 0; slot < 64; slot++) bytes.write('Zanzibar\0quux', 856 + slot * 120 + 56);
      bytes.write('quux', 8000);
      if (version === 3) bytes.write('\0\0\0\0', 8000);
      const redacted = redactRegion(bytes, newRedaction()).toString('latin1');
      assert.doesNotMatch(redacted, /Zanzibar|quux/);
    }
  });
});

describe('a page with other names', () => {
  it('has a rule for every label of the catalogue', () => {
    const labels = new Set(FAMILIES_WITH_USER.flatMap((family) => family.labels));
    assert.deepEqual(
      [...labels].filter((label) => label !== 'workload' && !(label in LABEL_REDACTIONS)),
      [],
    );
  });

  it('says the same of the same, and nothing of a label that nobody knows', () => {
    const redaction = newRedaction();
    const { names, chips } = redaction;
    const page = [
      '# HELP tt_process_info Whose process a pid is.',
      'tt_process_info{pid="7",comm="a \\"b\\"\\\\c",unit="x.service",container_id="",pod_name="p"} 1',
      'tt_workload{device="0x010001861180b479",workload_kind="container",workload="ab12ab12ab12"} 5',
      'tt_x{device="0R",novel="Zanzibar"} 1.5e9',
      'tt_up 1',
      '',
    ].join('\n');
    assert.equal(
      redactPage(page, redaction),
      [
        '# HELP tt_process_info Whose process a pid is.',
        `tt_process_info{pid="7",comm="${names.name('process', 'a "b"\\c')}",unit="${redactUnit('x.service', names)}",container_id="",pod_name="${names.name('pod', 'p')}"} 1`,
        `tt_workload{device="0x${chips.chip(0x010001861180b479n).toString(16).padStart(16, '0')}",workload_kind="container",workload="${names.containerId('ab12ab12ab12')}"} 5`,
        `tt_x{device="0R",novel="${names.name('group', 'Zanzibar')}"} 1.5e9`,
        'tt_up 1',
        '',
      ].join('\n'),
    );
  });
});

describe("the allocation server's document with other names", () => {
  it('keeps numbers and words of the protocol, and no other text', () => {
    const redaction = newRedaction();
    const document = {
      server: { version: '0.1.0', messages: { ALLOC: 3, 'Zanzi bar': 1 } },
      devices: [{ id: 0, architecture: 'wormhole', processes: [{ pid: 7, comm: 'Zanzibar', novel: 'quux' }] }],
      regions: [{ chipId: '72059286631231682', allocatedBytes: '9007199254740993' }],
    };
    const bytes = redactDocument(Buffer.from(JSON.stringify(document)), redaction);
    const { names, chips } = redaction;
    assert.deepEqual(JSON.parse(bytes?.toString() ?? ''), {
      server: { version: '0.1.0', messages: { ALLOC: 3, [names.name('group', 'Zanzi bar')]: 1 } },
      devices: [
        {
          id: 0,
          architecture: 'wormhole',
          processes: [{ pid: 7, comm: names.name('process', 'Zanzibar'), novel: names.name('group', 'quux') }],
        },
      ],
      regions: [{ chipId: chips.chip(72059286631231682n).toString(), allocatedBytes: '9007199254740993' }],
    });
    assert.equal(redactDocument(Buffer.from('{'), redaction), undefined);
  });
});

describe('a report with other names', () => {
  it('has none that is known, no path, and nothing of what operators wrote', () => {
    const redaction = newRedaction();
    const { names, chips } = redaction;
    const process = names.name('process', 'zanzibar');
    const region = chips.chip(72059286631231682n);
    const findings = [
      {
        area: 'shared_memory',
        state: 'failed' as const,
        summary: '/home/quux/shm/tt_device_72059286631231682_memory of Zanzibar, not zanzibarland',
        advice: 'see /home/quux/shm',
      },
      { area: 'configuration', state: 'failed' as const, summary: '/home/quux/x.yml: quux', advice: undefined },
      { area: 'kubernetes', state: 'absent' as const, summary: 'no log folders of a kubelet', advice: undefined },
    ];
    assert.deepEqual(redactFindings(findings, new Map([['/home/quux/shm', '<path.shm>']]), redaction), [
      {
        area: 'shared_memory',
        state: 'failed',
        summary: `<path.shm>/tt_device_${region}_memory of ${process}, not zanzibarland`,
        advice: 'see <path.shm>',
      },
      { area: 'configuration', state: 'failed', summary: '(left out of the bundle)', advice: undefined },
      { area: 'kubernetes', state: 'absent', summary: 'no log folders of a kubelet', advice: undefined },
    ]);
  });
});
