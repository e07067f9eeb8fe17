import assert from 'node:assert/strict';
import { parseContainerLink, parsePodFolder } from '../../../src/sources/kubernetes/log-names.ts';
import { parseCgroup } from '../../../src/sources/procfs/parse-cgroup.ts';
import { mappedFileKey } from '../../../src/sources/procfs/parse-maps.ts';
import { parsePids } from '../../../src/sources/procfs/parse-pids.ts';
import { parseBootTime, parseForks, parseStat } from '../../../src/sources/procfs/parse-stat.ts';
import { parseEffectiveCapabilities, parseStatus } from '../../../src/sources/procfs/parse-status.ts';
import { toHostProcess } from '../../../src/sources/procfs/processes.ts';
import type { DeviceHolders } from '../../../src/sources/procfs/types.ts';
import { card, procfs, region, slot } from '../../support/readings.ts';
import type { FuzzTarget } from '../engine/target.ts';
import { checkPage } from '../oracles/page.ts';

const SERIAL = 0x010001861180b479n;
const N150 = card({ index: 0, arch: 'wormhole', board: 'n150', serial: SERIAL, driverIndex: 0 });
const STAT = '4242 (python3) S 1 4242 4242 0 -1 4194304 0 0 0 0 7 3 0 0 20 0 9 0 5000 4096 0 0 0\n';
const STATUS =
  'Name:\tpython3\nUid:\t1000\t1000\t1000\t1000\nNSpid:\t4242\t17\nThreads:\t9\nCapEff:\t000001ffffffffff\n';
const CGROUPS = [
  '0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podb2ba3f4e_0b1c_4c8e_9d3e_5f0e6a7b8c9d.slice/cri-containerd-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope\n',
  '0::/system.slice/slurmstepd.scope/job_77/step_0/user/task_0\n',
  '12:devices:/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n0::/user.slice/user-1000.slice\n',
];

/**
 * The texts of /proc about one process, and the driver's list of who has a device open, to the page. Parts with a zero
 * behind each: stat, status, cgroup, pids, a line of maps, /proc/stat, a name in the kubelet's log folder.
 */
export const PROC_TEXTS: FuzzTarget = {
  name: 'proc-texts',
  seeds: () =>
    CGROUPS.map((cgroup) =>
      Buffer.from(
        [
          ...[
            STAT,
            STATUS,
            cgroup,
            '4242\n4242\n0\n17\n',
            '7f0a4a200000-7f0a4a203000 rw-s 00000000 00:19 77  /dev/shm/x',
          ],
          ...['cpu 1\nbtime 1700000000\nprocesses 9\n', 'ns_pod-0_b2ba3f4e-0b1c-4c8e-9d3e-5f0e6a7b8c9d', ''],
        ].join('\0'),
      ),
    ),
  tokens: [
    ...[
      '(',
      ')',
      ') S ',
      ' Z ',
      'NSpid:\t',
      'Uid:\t',
      '\n',
      '\0',
      '0::/',
      'kubepods',
      '.slice/',
      'pod',
      '.scope',
      'job_',
    ],
    ...[
      'btime ',
      'processes ',
      '\\n',
      '\\134',
      '4194304',
      '-1',
      'docker-',
      'libpod-',
      'crio-',
      'user-1000',
      'cri-containerd-',
    ],
  ],
  maxBytes: 4096,
  run(input) {
    const parts = [...splitParts(input), ...Array.from({ length: 7 }, () => Buffer.alloc(0))];
    const [stat, status, cgroup, pids, maps, host, name] = parts;
    const hostText = host?.toString('latin1') ?? '';
    const forks = parseForks(hostText);
    assert.ok(forks === undefined || Number.isSafeInteger(forks));
    for (const line of maps?.toString('latin1').split('\n') ?? []) mappedFileKey(line);
    parsePodFolder(String(name));
    parseContainerLink(String(name));
    parseEffectiveCapabilities(String(status));
    checkProcess(
      [stat, status, cgroup, pids].map((part) => part ?? Buffer.alloc(0)),
      parseBootTime(hostText),
    );
  },
};

function checkProcess([statBytes, status, cgroup, pids]: readonly Buffer[], bootTime: number | undefined): void {
  const holders = parsePids(String(pids));
  const stat = statBytes === undefined ? undefined : parseStat(statBytes);
  if (stat === undefined) {
    checkPage({ sysfs: { driverVersion: undefined, cards: [N150] }, procfs: withDevice(procfs({}), holders) });
    return;
  }
  const { namespacePids = [], uid } = parseStatus(String(status)) ?? {};
  const seen = { pid: 4242, stat, namespacePids, uid, group: parseCgroup(String(cgroup)) };
  const process = toHostProcess(seen, bootTime, undefined);
  assert.ok(!/\p{Cc}/u.test(process.comm), `comm is ${JSON.stringify(process.comm)}`);
  const memory = region(SERIAL, { dram: 4096 }, [slot(namespacePids.at(-1) ?? 4242, { dram: 4096 })]);
  checkPage({
    sysfs: { driverVersion: undefined, cards: [N150] },
    sharedMemory: { regions: [memory] },
    procfs: withDevice(procfs({ processes: [process], held: [{ file: memory.file, pids: [4242] }] }), holders),
    userNames: new Map([[1000, 'alice "\\\n']]),
  });
}

function withDevice<T>(reading: T, holders: DeviceHolders | undefined): T & { devices: Map<number, DeviceHolders> } {
  return { ...reading, devices: new Map(holders === undefined ? [] : [[0, holders]]) };
}

function splitParts(input: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  for (let end = input.indexOf(0); end >= 0; at = end + 1, end = input.indexOf(0, at))
    parts.push(input.subarray(at, end));
  return [...parts, input.subarray(at)];
}
