import { mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createSimulatedHost } from './hosts.ts';
import type { HostOptions, SimulatedHost } from './hosts.ts';
import { MIB } from './patterns.ts';
import { seededRandom } from './random.ts';
import { RegionWriter } from './region-writer.ts';

export interface GalaxyLoadOptions extends HostOptions {
  /** 1 to 32; the first ones in TT-Metal's order. */
  readonly chips?: number;
  /** 0 to 64: a region has no more slots. Each holds all of these chips. */
  readonly processes?: number;
}

/** Below it real PIDs are likely; it is the first of the made-up ones. */
export const FIRST_LOAD_PID = 100_001;
export const LOAD_PID_STEP = 37;
const COMMS = ['python3', 'vllm', 'tt-metal-bench', 'ttnn_worker', 'pytest'];

/**
 * A Galaxy under the largest load that regions can show, for benchmarks: 32 chips with 64 processes each by default.
 * The processes are made up, so that it is built fast and runs nothing.
 */
export async function createGalaxyLoad(options: GalaxyLoadOptions = {}): Promise<SimulatedHost> {
  const chips = within('chips', options.chips ?? 32, 32);
  const processes = within('processes', options.processes ?? 64, 64);
  const host = await createSimulatedHost('galaxy', options);
  const pids = Array.from({ length: processes }, (_, i) => FIRST_LOAD_PID + LOAD_PID_STEP * i);
  const random = seededRandom(options.seed ?? 1);
  for (let chip = 0; chip < chips; chip++) fillRegion(host, chip, pids, random);
  pids.forEach((pid, i) => {
    putHolder(host, pid, COMMS[i % COMMS.length] ?? '', chips);
  });
  return host;
}

function fillRegion(host: SimulatedHost, chip: number, pids: readonly number[], random: () => number): void {
  const { chipId } = host.chip(chip);
  const writer = RegionWriter.open(host.regionPath(chip), { version: 4, chipId, deviceId: chip });
  pids.forEach((pid, i) => {
    writer.attach(pid, COMMS[i % COMMS.length] ?? '');
    // Shares of a chip's DRAM and L1 that all fit together.
    writer.allocate(pid, 'dram', MIB + Math.floor(random() * 180 * MIB));
    writer.allocate(pid, 'l1', 4096 + Math.floor(random() * MIB));
    writer.allocate(pid, 'l1_small', 1024 + Math.floor(random() * 65_536));
    writer.allocate(pid, 'trace', 4096 + Math.floor(random() * MIB));
    writer.setCb(pid, 2048 + Math.floor(random() * 262_144));
  });
  // Who holds the region is told by the processes' links, not by this program's descriptor.
  writer.die();
}

function putHolder(host: SimulatedHost, pid: number, comm: string, chips: number): void {
  const descriptors: Record<number, string> = { 0: '/dev/null' };
  const driverIndexes: number[] = [];
  for (let chip = 0; chip < chips; chip++) {
    const driverIndex = host.card(host.chip(chip).card).driverIndex ?? 0;
    driverIndexes.push(driverIndex);
    descriptors[10 + chip] = join('/dev/tenstorrent', String(driverIndex));
    descriptors[50 + chip] = host.regionPath(chip);
  }
  host.processes.put({ pid, comm, startTicks: 5000 + (pid % 1000), descriptors }, driverIndexes);
  // As a process of the host has it: a link that is missing costs its reader more than one that is there.
  const namespaces = join(host.procfs, String(pid), 'ns');
  mkdirSync(namespaces, { recursive: true });
  symlinkSync(readlinkSync('/proc/self/ns/mnt'), join(namespaces, 'mnt'));
}

function within(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new RangeError(`${name} is ${value}: give a whole number from 0 to ${most}`);
}
