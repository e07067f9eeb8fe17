import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCollector } from '../../src/collect/collector.ts';
import type { CollectorConfig } from '../../src/collect/types.ts';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { defaultSettings } from '../../src/flags/parse.ts';
import { PageEncoder } from '../../src/metrics/encode/page-encoder.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { RegionWriter } from '../../src/simulator/region-writer.ts';

/** What the README says that a page has, beside the metrics of the exporter's own process. */
const HOST = 20;
/** By board, its remote chip included: with a region of layout 4 on each chip and the rights to prove who is gone. */
const CARD = { n150: 117, n300: 161, p150: 115, galaxy: 117, 'galaxy-blackhole': 114 } as const;
const PROCESS = 3;
/** For each chip on which it has memory: two types of DRAM and three of L1. */
const MEMORY_OF_PROCESS = 5;
/** For each chip on which one of its processes has memory. */
const MEMORY_OF_WORKLOAD = 5;
/** For each card that a process has open. */
const OPEN_DEVICE = 1;

const FIRST_PID = 100_001;

interface Load {
  readonly processes: number;
  /** That each of them holds. */
  readonly chips: number;
  readonly workloads: number;
}

/** Which chips a process holds: one after the other, from another one on for each process. */
function chipsOf(process: number, { chips }: Load, all: number): number[] {
  return Array.from({ length: chips }, (_, at) => (process * chips + at) % all);
}

/** A host with a region of layout 4 on each chip, and made-up processes. */
async function loadedHost(kind: keyof typeof CARD, load: Load): Promise<SimulatedHost> {
  const host = await createSimulatedHost(kind);
  const all = host.chips.length;
  for (let chip = 0; chip < all; chip++) {
    const writer = RegionWriter.open(host.regionPath(chip), {
      version: 4,
      chipId: host.chip(chip).chipId,
      deviceId: chip,
    });
    for (let process = 0; process < load.processes; process++) {
      if (!chipsOf(process, load, all).includes(chip)) continue;
      const pid = FIRST_PID + process;
      writer.attach(pid, 'python3');
      for (const type of ['dram', 'l1', 'l1_small', 'trace'] as const) writer.allocate(pid, type, 4096 + 64 * process);
      writer.setCb(pid, 8192);
    }
    // Who holds the region is told by the processes' links, not by this program's descriptor.
    writer.die();
  }
  for (let process = 0; process < load.processes; process++) putProcess(host, process, load);
  return host;
}

function putProcess(host: SimulatedHost, process: number, load: Load): void {
  const descriptors: Record<number, string> = {};
  const indexes = new Set<number>();
  for (const chip of chipsOf(process, load, host.chips.length)) {
    descriptors[50 + chip] = host.regionPath(chip);
    indexes.add(host.card(host.chip(chip).card).driverIndex ?? 0);
  }
  for (const index of indexes) descriptors[10 + index] = `/dev/tenstorrent/${index}`;
  const cgroup = `0::/system.slice/job${process % load.workloads}.service\n`;
  host.processes.put({ pid: FIRST_PID + process, comm: 'python3', startTicks: 5000, cgroup, descriptors }, [
    ...indexes,
  ]);
}

interface Counted {
  readonly series: number;
  readonly folded: number;
}

async function countSeries(host: SimulatedHost, part: Partial<CollectorConfig> = {}): Promise<Counted> {
  const collector = await createCollector({
    ...collectorConfig(defaultSettings()),
    sysfsPath: host.sysfs,
    procfsPath: host.procfs,
    shmPath: host.shm,
    podLogsPath: '/nowhere',
    podResourcesSocket: undefined,
    socketPath: host.socket,
    ...part,
  });
  try {
    const snapshot = await collector.collect({ collectors: undefined, deadlineAt: performance.now() + 20_000 });
    const none = { format: 'text', ownFamilies: new Uint8Array(), ownSeries: 0 } as const;
    return { series: new PageEncoder().encode(snapshot, none).series, folded: snapshot.processesFolded };
  } finally {
    await collector.close();
  }
}

/** How many different values there are over all chips of all processes. */
function countPairs(host: SimulatedHost, load: Load, pair: (process: number, chip: number) => string): number {
  const pairs = new Set<string>();
  for (let process = 0; process < load.processes; process++) {
    for (const chip of chipsOf(process, load, host.chips.length)) pairs.add(pair(process, chip));
  }
  return pairs.size;
}

function workloadPairs(host: SimulatedHost, load: Load): number {
  return countPairs(host, load, (process, chip) => `${process % load.workloads} ${chip}`);
}

function formula(kind: keyof typeof CARD, host: SimulatedHost, load: Load): number {
  const memories = countPairs(host, load, (process, chip) => `${process} ${chip}`);
  const open = countPairs(host, load, (process, chip) => `${process} ${host.chip(chip).card}`);
  return (
    HOST +
    CARD[kind] * host.cards.length +
    PROCESS * load.processes +
    MEMORY_OF_PROCESS * memories +
    OPEN_DEVICE * open +
    MEMORY_OF_WORKLOAD * workloadPairs(host, load)
  );
}

async function withHost(
  kind: keyof typeof CARD,
  load: Load,
  use: (host: SimulatedHost) => Promise<void>,
): Promise<void> {
  const host = await loadedHost(kind, load);
  try {
    await use(host);
  } finally {
    await host.close();
  }
}

describe('the number of series of a page', () => {
  const loads: readonly (readonly [keyof typeof CARD, Load])[] = [
    ['n150', { processes: 0, chips: 1, workloads: 1 }],
    ['n150', { processes: 7, chips: 1, workloads: 3 }],
    ['n300', { processes: 1, chips: 1, workloads: 1 }],
    ['n300', { processes: 9, chips: 2, workloads: 2 }],
    ['p150', { processes: 64, chips: 1, workloads: 64 }],
    ['galaxy', { processes: 40, chips: 1, workloads: 3 }],
    ['galaxy-blackhole', { processes: 16, chips: 32, workloads: 4 }],
  ];
  for (const [kind, load] of loads) {
    const { processes, chips, workloads } = load;
    it(`is what the README says: ${kind}, ${processes} processes on ${chips} chips each, ${workloads} workloads`, async () => {
      await withHost(kind, load, async (host) => {
        assert.deepEqual(await countSeries(host), { series: formula(kind, host, load), folded: 0 });
      });
    });
  }

  it('counts as one process what is beyond the limit', async () => {
    const load = { processes: 50, chips: 1, workloads: 2 };
    await withHost('p150', load, async (host) => {
      const shown = 10 * (PROCESS + MEMORY_OF_PROCESS + OPEN_DEVICE);
      // Of `other` it is known neither that it lives nor since when.
      const other = 1 + MEMORY_OF_PROCESS + OPEN_DEVICE;
      const series = HOST + CARD.p150 + shown + other + MEMORY_OF_WORKLOAD * 2;
      assert.deepEqual(await countSeries(host, { maxProcesses: 10 }), { series, folded: 40 });
    });
  });

  for (const processDetail of ['workload', 'none'] as const) {
    it(`does not depend on processes with detail ${processDetail}`, async () => {
      const load = { processes: 50, chips: 2, workloads: 2 };
      await withHost('n300', load, async (host) => {
        const series = HOST + CARD.n300 + MEMORY_OF_WORKLOAD * workloadPairs(host, load);
        assert.deepEqual(await countSeries(host, { processDetail }), { series, folded: 0 });
      });
    });
  }
});
