import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { addressFindings, clockFindings, fileFindings } from '../../src/check/config-findings.ts';
import { deviceFindings } from '../../src/check/device-findings.ts';
import { findingsOf } from '../../src/check/findings.ts';
import { kubernetesFindings, processFindings } from '../../src/check/process-findings.ts';
import { regionFindings } from '../../src/check/region-findings.ts';
import { checkDocument, reportLines } from '../../src/check/report.ts';
import { serverFindings } from '../../src/check/server-findings.ts';
import type { AddressFact, CheckFacts, Finding, SourceFacts } from '../../src/check/types.ts';
import { viewOfSnapshot } from '../../src/host-view/from-snapshot.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import type { Outcome, ReadError, SourceState } from '../../src/sources/source.ts';
import type { CardState } from '../../src/sources/sysfs/types.ts';
import { plainText } from '../../src/terminal/spans.ts';
import { brokenRegion, card, hostProcess, procfs, region, server, serverDevice } from '../support/readings.ts';
import { bareDevice, bareMemory, bareProcess, bareSnapshot, memoryOf, richCard } from '../support/rich-snapshot.ts';

function state<T>(
  data: T | undefined,
  outcome: Outcome | undefined = 'ok',
  errors: readonly ReadError[] = [],
): SourceState<T> {
  return { data, outcome, errors, durationSeconds: 0 };
}

function facts(
  sources: Partial<SourceFacts>,
  snapshot: Partial<Snapshot> = {},
  part: Partial<CheckFacts> = {},
): CheckFacts {
  return {
    sources: {
      sysfs: undefined,
      sharedMemory: undefined,
      allocationServer: undefined,
      procfs: undefined,
      kubernetes: undefined,
      ...sources,
    },
    view: viewOfSnapshot(bareSnapshot(snapshot)),
    unresolved: [],
    uid: 1000,
    paths: { shm: '/dev/shm', socket: '/tmp/server.sock', procfs: '/proc' },
    addresses: [],
    files: [],
    ...part,
  };
}

/** `state: summary -> advice`. */
function lines(findings: readonly Finding[]): string[] {
  return findings.map(
    ({ state: word, summary, advice }) => `${word}: ${summary}${advice === undefined ? '' : ` -> ${advice}`}`,
  );
}

const FAULT: ReadError = { reason: 'refused', message: 'nobody listens there: start it' };

describe('check says of the driver and the chips', () => {
  const sysfs = (driverVersion: string | undefined, states: readonly (CardState | undefined)[]) =>
    state({ driverVersion, cards: states.map((one, index) => card({ index, state: one })) });

  it('that all is well', () => {
    assert.deepEqual(lines(deviceFindings(facts({ sysfs: sysfs('2.10.0', ['ok', 'ok']) }))), [
      'ok: driver 2.10.0 is loaded',
      'ok: 2 chips with telemetry',
    ]);
  });

  it('that there is nothing, or chips without a driver', () => {
    assert.deepEqual(
      lines(deviceFindings(facts({ sysfs: state({ driverVersion: undefined, cards: [] }, 'no_data') }))),
      [
        'absent: no Tenstorrent chip on the PCI bus, and no driver -> if there should be a chip: lspci -d 1e52: shows whether the host sees it',
      ],
    );
    assert.deepEqual(lines(deviceFindings(facts({ sysfs: sysfs(undefined, ['no_driver']) }))), [
      'failed: 1 chip on the bus, and the driver is not loaded -> modprobe tenstorrent, or install tt-kmd',
      'failed: chip 0 (0000:01:00.0) has no driver bound to it -> modprobe tenstorrent; the kernel log says why it did not take this one',
    ]);
  });

  it('what is the matter with each of them', () => {
    const found = deviceFindings(
      facts({ sysfs: sysfs('2.10.0', ['resetting', 'firmware_down', 'unreachable', undefined]) }),
    );
    assert.deepEqual(lines(found).slice(1), [
      'warning: chip 0 (0000:01:00.0) is in a reset -> wait; if it stays so for ten minutes, reset the board again or restart the host',
      'failed: chip 1 (0000:02:00.0) publishes no telemetry: its firmware does not run -> reset the board; if that does not help, flash its firmware',
      'failed: chip 2 (0000:03:00.0) gives all ones: it has fallen off the bus -> reset the board, or take the power away; look at the kernel log for PCIe errors',
      'warning: chip 3 (0000:04:00.0) cannot be told: a read of it is blocked or refused -> try again; a reset may be under way',
    ]);
  });

  it('which readings cannot be true, and that chips are missing', () => {
    const rejected = [
      { sensor: 'fan', reason: 'all_ones' },
      { sensor: 'fan', reason: 'all_ones' },
    ];
    const sources = { sysfs: state({ driverVersion: '2.7.0', cards: [card({ index: 0, rejected })] }) };
    assert.deepEqual(lines(deviceFindings(facts(sources, { devicesExpected: 2 }))).slice(2), [
      'warning: chip 0 (0000:01:00.0): readings that cannot be true are left out: fan (all_ones) -> a firmware update may mend it',
      'failed: 1 chip on the bus, 2 expected -> look for the missing one with lspci -d 1e52: and in the kernel log',
    ]);
  });
});

describe('check says of a host', () => {
  it('with a driver and no chip that the driver is there', () => {
    const sources = { sysfs: state({ driverVersion: '2.10.0', cards: [] }, 'no_data') };
    assert.deepEqual(lines(deviceFindings(facts(sources))), ['ok: driver 2.10.0 is loaded']);
  });

  it('whose chips are all there that none is missing', () => {
    const sources = { sysfs: state({ driverVersion: '2.10.0', cards: [card({ index: 0 })] }) };
    assert.deepEqual(lines(deviceFindings(facts(sources, { devicesExpected: 1 }))), [
      'ok: driver 2.10.0 is loaded',
      'ok: 1 chip with telemetry',
    ]);
  });

  it('what of a source was good although the rest was not', () => {
    const errors = [FAULT];
    const processes = state(procfs({ processes: [hostProcess(1)] }), 'ok', errors);
    assert.deepEqual(lines(processFindings(facts({ procfs: processes }))).slice(0, 2), [
      'warning: nobody listens there: start it (refused)',
      'ok: 1 process with a chip or a region',
    ]);
    assert.deepEqual(lines(kubernetesFindings(facts({ kubernetes: state<never>(undefined, 'failed', errors) }))), [
      'failed: nobody listens there: start it (refused)',
    ]);
  });

  it('with many processes of the kind the first ones, and how many more there are', () => {
    const pids = Array.from({ length: 10 }, (_, i) => `${i + 1}`);
    const holders = { descriptors: 10, invisible: 0, byPid: pids.map((pid) => ({ pid, descriptors: 1 })) };
    const snapshot = { devices: [bareDevice('0', { holders })], processes: pids.map((pid) => bareProcess(pid)) };
    const [said] = regionFindings(facts({ sharedMemory: state({ regions: [] }) }, snapshot));
    assert.equal(said?.summary, 'processes 1, 2, 3, 4, 5, 6, 7, 8 and 2 more hold a chip and report no memory');
  });
});

describe('check says of every source', () => {
  it('that it is switched off, failed, or was not done in time', () => {
    const makers = [
      ['sysfs', 'sysfs', deviceFindings],
      ['shared_memory', 'sharedMemory', regionFindings],
      ['allocation_server', 'allocationServer', serverFindings],
      ['procfs', 'procfs', processFindings],
      ['kubernetes', 'kubernetes', kubernetesFindings],
    ] as const;
    for (const [area, key, make] of makers) {
      const said = (one: SourceState<never> | undefined) => lines(make(facts({ [key]: one })));
      assert.deepEqual(said(undefined), [`absent: switched off by --no-collector.${area}`]);
      assert.deepEqual(said(state<never>(undefined, 'failed', [FAULT])), [
        'failed: nobody listens there: start it (refused)',
      ]);
      assert.deepEqual(said({ ...state<never>(undefined), outcome: undefined }), [
        'failed: was not done in time -> a device in a reset or a server that hangs blocks it: try again, or --read-timeout=30',
      ]);
    }
  });

  it('as many errors as anybody reads', () => {
    const found = serverFindings(
      facts({ allocationServer: state<never>(undefined, 'failed', Array<ReadError>(20).fill(FAULT)) }),
    );
    assert.equal(found.length, 9);
    assert.deepEqual(lines(found).at(-1), 'failed: 12 more errors like these');
  });
});

describe('check says of the regions', () => {
  it('how many were read, and what is wrong with the others', () => {
    const good = region(7n, { dram: 1 }, []);
    const regions = [
      good,
      ...(['unreadable', 'unsupported', 'untrusted', 'initializing'] as const).map((one, i) =>
        brokenRegion(BigInt(i), one),
      ),
    ];
    assert.deepEqual(lines(regionFindings(facts({ sharedMemory: state({ regions, unseenHolders: [12, 13] }) }))), [
      'ok: 1 region read, of layout 3',
      'failed: /dev/shm/tt_device_0_memory is unreadable by uid 1000: broken -> regions are of mode 0600: run as root, or give CAP_DAC_READ_SEARCH',
      'failed: /dev/shm/tt_device_1_memory is unsupported: broken -> a later layout: update this exporter; until then use an allocation server',
      'failed: /dev/shm/tt_device_2_memory is untrusted: broken -> nothing of it is believed; remove the file if no process of a chip wrote it',
      'warning: /dev/shm/tt_device_3_memory is initializing: broken -> its writer is just starting; if it stays so, the writer died: remove the file',
      'warning: containers of processes 12, 13 could not be looked into: their regions are not seen -> CAP_SYS_PTRACE is needed, and a /dev/shm that answers',
    ]);
  });

  it('whose memory is reported under the same number without proof', () => {
    const memory = bareMemory({ processes: [{ pid: '?12', bytes: memoryOf({ dram: 5 }), detail: undefined }] });
    const holders = { descriptors: 1, invisible: 0, byPid: [{ pid: '12', descriptors: 1 }] };
    const snapshot = {
      devices: [bareDevice('0', { memory, holders })],
      processes: [bareProcess('12'), bareProcess('?12')],
    };
    assert.deepEqual(lines(regionFindings(facts({ sharedMemory: state({ regions: [] }) }, snapshot))), [
      'warning: process 12 holds a chip; memory reported as ?12 is not proven to be of the same -> an allocation server with its native part knows the PIDs of who reports: tt-allocation-server says at its start whether it has it',
    ]);
  });

  it('that there is none, whose tracking is off, and who has leaked', () => {
    const lost = memoryOf({ dram: 5 });
    const memory = bareMemory({
      processes: [{ pid: '?17', bytes: lost, detail: undefined }],
      orphaned: [{ pid: '?17', bytes: lost }],
    });
    const holders = { descriptors: 1, invisible: 0, byPid: [{ pid: '12', descriptors: 1 }] };
    const snapshot = {
      devices: [bareDevice('0', { memory, holders })],
      processes: [bareProcess('12'), bareProcess('?17')],
    };
    assert.deepEqual(lines(regionFindings(facts({ sharedMemory: state({ regions: [] }, 'no_data') }, snapshot))), [
      'absent: no region in /dev/shm -> TT-Metal makes one for each chip that a process opens, unless TT_METAL_SHM_TRACKING_DISABLED=1',
      'warning: memory is charged to process ?17, proven gone -> the next process that opens the chip takes the slot over, or remove the region',
      'warning: process 12 holds a chip and reports no memory -> tracking may be turned off there: start it without TT_METAL_SHM_TRACKING_DISABLED=1, or with TT_ALLOC_TRACKING_ENABLED=1 and an allocation server',
    ]);
  });
});

describe('check says of the allocation server', () => {
  it('what it speaks, or that there is none', () => {
    const said = (data: ReturnType<typeof server> | undefined, outcome: Outcome) =>
      lines(serverFindings(facts({ allocationServer: state(data, outcome) })));
    assert.deepEqual(said(undefined, 'no_data'), [
      'absent: no server at /tmp/server.sock -> needed only for workloads that report to one: tt-allocation-server',
    ]);
    assert.deepEqual(said(server([serverDevice(0, {})]), 'ok'), [
      'ok: answers in dialect C, totals of chips only, not of processes; 1 chip',
    ]);
    assert.deepEqual(said(server([], { dialect: 'C', extension: 1 }), 'ok'), [
      'ok: answers in dialect C, with numbers of processes (extension 1); 0 chips',
    ]);
    assert.deepEqual(said(server([], { status: 'untrusted' }), 'failed'), []);
  });

  it('what is left out, as it cannot be told whose it is', () => {
    const unresolved = Array.from({ length: 9 }, (_, pid) => `process ${pid} reports device 1`);
    const found = serverFindings(
      facts({ allocationServer: state(server([], { dialect: 'C', extension: 1 }), 'ok') }, {}, { unresolved }),
    );
    const [, first] = found;
    assert.match(first?.advice ?? '', /host's PID namespace/);
    assert.deepEqual(
      lines(found.slice(1).map((each) => ({ ...each, advice: each === first ? undefined : each.advice }))),
      [...unresolved.slice(0, 8), '1 more like these'].map((line) => `warning: ${line}`),
    );
  });

  it('that totals may be of several chips where processes do not see all of them', () => {
    const cards = [0, 1, 2].map((index) => card({ index }));
    const said = (devices: Record<number, number[]>, dram: number, extension?: number) =>
      lines(
        serverFindings(
          facts({
            allocationServer: state(server([serverDevice(0, { dram })], { extension }), 'ok'),
            sysfs: state({ driverVersion: '2.10.0', cards }, 'ok'),
            procfs: state(procfs({ devices }), 'ok'),
          }),
        ).slice(1),
      );
    assert.deepEqual(said({ 0: [7], 1: [7, 8], 2: [7, 9] }, 5), [
      'warning: 2 processes with only some of the 3 chips (8, 9) may call others by the same numbers, and the server adds them up -> tt-allocation-server tells processes apart: their memory is then shown at the chips that they hold',
    ]);
    // Whoever has the first ones, or all, has the numbers of the host.
    assert.deepEqual(said({ 0: [7, 8], 1: [7, 8], 2: [7] }, 5), []);
    assert.deepEqual(said({ 0: [], 1: [], 2: [9] }, 0), []);
    assert.deepEqual(said({ 0: [], 1: [], 2: [9] }, 5, 1), []);
  });
});

describe('check says of processes', () => {
  it('how many there are, and which rights are missing', () => {
    const reading = procfs({
      processes: [hostProcess(1)],
      missingRights: ['host_pid_namespace', 'CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH', 'CAP_NEW'],
    });
    assert.deepEqual(lines(processFindings(facts({ procfs: state(reading) }))), [
      "warning: this is not the host's PID namespace: processes outside are not seen -> run in it: hostPID: true in Kubernetes, --pid=host in Docker",
      'warning: CAP_SYS_PTRACE is missing: who maps a region cannot be seen, so nobody can be proven gone -> run as root, or give the capability (AmbientCapabilities= of systemd, capabilities.add in Kubernetes)',
      "warning: CAP_DAC_READ_SEARCH is missing: other users' regions and descriptors cannot be read -> run as root, or give the capability (AmbientCapabilities= of systemd, capabilities.add in Kubernetes)",
      'warning: CAP_NEW is missing',
      'ok: 1 process with a chip or a region',
    ]);
  });

  it('that there is no procfs, and a driver that does not tell who holds a chip', () => {
    assert.deepEqual(lines(processFindings(facts({ procfs: state<never>(undefined, 'no_data') }))), [
      'failed: /proc is no procfs -> mount one, or give --path.procfs',
    ]);
    const snapshot = { driverVersion: '1.34', devices: [bareDevice('0', { card: richCard() })] };
    assert.deepEqual(lines(processFindings(facts({ procfs: state(procfs({})) }, snapshot))), [
      'ok: 0 processes with a chip or a region',
      'warning: who holds 1 chip is not told by driver 1.34 -> driver 2.5.0 and later do',
      'ok: every right that is needed to see all of them',
    ]);
  });

  it('whose pods they can be', () => {
    const podLogs = {
      pods: new Map([['uid', { podName: 'a', podNamespace: 'b', containerName: undefined }]]),
      containers: new Map(),
    };
    const podResources = { byDriverIndex: new Map(), byPciAddress: new Map(), byLogicalId: new Map() };
    assert.deepEqual(lines(kubernetesFindings(facts({ kubernetes: state({ podLogs, podResources }) }))), [
      'ok: 1 pod known by name',
      'ok: the kubelet tells which pods have which chips',
    ]);
    assert.deepEqual(lines(kubernetesFindings(facts({ kubernetes: state<never>(undefined, 'no_data') }))), [
      'absent: no log folders of a kubelet',
    ]);
  });
});

describe('check says of the configuration', () => {
  it('whether the clock can be right', () => {
    const written = state({ regions: [region(7n, {}, [], { lastUpdateSeconds: 1_790_000_500 })] });
    assert.deepEqual(lines(clockFindings(facts({}))), ['ok: 2026-09-21T14:13:20.000Z']);
    assert.deepEqual(lines(clockFindings(facts({}, { takenAtSeconds: 5 }))), [
      'failed: says 1970-01-01T00:00:05.000Z, which is past -> set the clock: timedatectl set-ntp true',
    ]);
    assert.deepEqual(lines(clockFindings(facts({ sharedMemory: written }))), [
      'warning: a region was written 500 s in the future: the clock was set back -> set the clock: timedatectl set-ntp true',
    ]);
  });

  it('what is at the addresses', () => {
    const addresses = (['free', 'exporter', 'protected', 'taken', 'not_possible'] as const).map((one): AddressFact => ({
      address: ':1',
      state: one,
      problem: one === 'not_possible' ? 'EACCES' : undefined,
    }));
    assert.deepEqual(lines(addressFindings(facts({}, {}, { addresses }))), [
      'ok: :1 is free',
      'ok: an exporter answers at :1',
      'warning: somebody listens at :1, with a password or TLS: an exporter? -> give another --web.listen-address',
      'failed: another program listens at :1 -> give another --web.listen-address',
      'failed: cannot listen at :1: EACCES -> give another --web.listen-address',
    ]);
  });

  it('whether the files are good', () => {
    const files = [undefined, 'line 1: no'].map((problem) => ({ flag: 'f', path: '/a', problem }));
    assert.deepEqual(lines(fileFindings(facts({}, {}, { files }))), [
      'ok: --f: /a is good',
      'failed: --f: line 1: no -> mend the file, or leave the flag out',
    ]);
  });
});

describe('the report', () => {
  const findings = findingsOf(facts({ procfs: state(procfs({ missingRights: ['CAP_SYS_PTRACE'] })) }));

  it('has the areas in order, within the width, and the sum below', () => {
    const text = reportLines(findings, 60).map(plainText);
    assert.ok(text.every((line) => line.length <= 60));
    assert.deepEqual(text.slice(6), [
      'procfs',
      '  warning CAP_SYS_PTRACE is missing: who maps a region',
      '          cannot be seen, so nobody can be proven gone',
      '          -> run as root, or give the capability',
      '          (AmbientCapabilities= of systemd, capabilities.add',
      '          in Kubernetes)',
      '  ok      0 processes with a chip or a region',
      'kubernetes',
      '  none    switched off by --no-collector.kubernetes',
      'clock',
      '  ok      2026-09-21T14:13:20.000Z',
      '0 failed, 1 with a warning',
    ]);
  });

  it('is JSON as its schema says', () => {
    const schema = JSON.parse(readFileSync(new URL('../../schemas/check-1.json', import.meta.url), 'utf8')) as object;
    const document = JSON.parse(JSON.stringify(checkDocument(findings, 5))) as { ok: boolean; findings: unknown[] };
    const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
    assert.ok(validate(document), JSON.stringify(validate.errors));
    assert.equal(document.findings.length, findings.length);
    assert.equal(document.ok, true);
    assert.equal(
      Reflect.get(checkDocument([{ area: 'a', state: 'failed', summary: '', advice: undefined }], 5), 'ok'),
      false,
    );
  });
});
