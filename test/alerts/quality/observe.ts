import { boardCapacity } from '../../../src/capacity/board-table.ts';
import { BOARDS } from '../../../src/simulator/boards.ts';
import type { Board } from '../../../src/simulator/boards.ts';
import { DRAM_TYPES, addMemory, noMemory } from '../../../src/snapshot/memory-types.ts';
import type { MemoryBytes } from '../../../src/snapshot/memory-types.ts';
import type { DeviceMemory, DeviceSnapshot, ProcessSnapshot, Snapshot } from '../../../src/snapshot/snapshot.ts';
import { CARD_STATES } from '../../../src/sources/sysfs/types.ts';
import type { Card, CardState } from '../../../src/sources/sysfs/types.ts';
import { bareDevice, bareMemory, bareProcess, bareSnapshot } from '../../support/rich-snapshot.ts';
import { idleCard, cardAt } from './chip-card.ts';
import { covers } from './life.ts';
import type { HostLife, SimulatedProcess } from './life.ts';

/** What is there of a process at a moment. */
interface Present {
  readonly process: SimulatedProcess;
  readonly label: string;
  readonly alive: boolean;
}

/** Capacity and card of each chip of a host. */
interface Chip {
  readonly dramBytes: number;
  readonly l1Bytes: number;
  readonly cores: number;
  readonly board: Board;
  readonly card: Card;
}

/** The exporter's snapshots of a host, at times that never go back. Times are seconds since the world began, at `epoch`. */
export class HostObserver {
  readonly #life: HostLife;
  readonly #epoch: number;
  readonly #chips: readonly Chip[];
  #next = 0;
  #present: SimulatedProcess[] = [];

  constructor(life: HostLife, epoch: number) {
    this.#life = life;
    this.#epoch = epoch;
    const board: Board = BOARDS[life.board];
    const capacity = boardCapacity(board.name, board.firmware['fw_bundle_ver']);
    if (capacity === undefined) throw new RangeError(`the capacity of ${board.name} is not known`);
    this.#chips = Array.from({ length: life.chips }, (_, index) => ({
      dramBytes: capacity.dramBytes,
      l1Bytes: capacity.cores * capacity.l1BytesPerCore,
      cores: capacity.cores,
      board,
      card: idleCard(life.board, index),
    }));
  }

  /** undefined: the exporter does not answer. */
  at(seconds: number): Snapshot | undefined {
    const life = this.#life;
    const present = this.#presentAt(seconds);
    if (covers(life.exporterDown, seconds)) return undefined;
    const devices = this.#chips.map((chip, index) => this.#deviceAt(chip, index, seconds, present));
    const states = devices.map(({ card }) => card?.state);
    return bareSnapshot({
      takenAtSeconds: this.#epoch + seconds,
      driverVersion: '2.10.0',
      devicesExpected: life.chips,
      maintenance: life.maintenance.length === 0 ? undefined : covers(life.maintenance, seconds),
      devicesByState: Object.fromEntries(
        CARD_STATES.map((state) => [state, states.filter((other) => other === state).length]),
      ) as Record<CardState, number>,
      devicesSkipped: 0,
      missingRights: life.invisible ? ['host_pid_namespace'] : [],
      devices,
      processes: present.map((one) => this.#processOf(one)),
      allocationServer: {
        up: life.tracking.kind === 'totals',
        dialect: 'C',
        extension: '',
        startTimeSeconds: undefined,
        messages: undefined,
        rejectedMessages: undefined,
        connections: undefined,
        endedProcesses: [],
      },
      collectors: ['allocation_server', 'shared_memory', 'sysfs', 'procfs'].map((name) => ({
        name,
        outcome: 'ok',
        durationSeconds: 0.01,
      })),
    });
  }

  /** Those that live, and those that are dead and still charged. */
  #presentAt(seconds: number): Present[] {
    const { processes, invisible } = this.#life;
    for (; (processes[this.#next]?.from ?? Infinity) <= seconds; this.#next++) {
      this.#present.push(...processes.slice(this.#next, this.#next + 1));
    }
    this.#present = this.#present.filter(({ until, cleanedAt }) => seconds < Math.max(until, cleanedAt ?? 0));
    return this.#present.map((process) => {
      const alive = seconds < process.until;
      return { process, alive, label: alive && !invisible ? String(process.pid) : `?${process.pid}` };
    });
  }

  #processOf({ process, label, alive }: Present): ProcessSnapshot {
    const { invisible } = this.#life;
    return bareProcess(label, {
      ...(invisible ? {} : process.owner),
      comm: process.owner.comm ?? '',
      namespacePid: label.startsWith('?') ? String(process.pid) : '',
      alive: invisible ? undefined : alive,
      startTimeSeconds: invisible || !alive ? undefined : this.#epoch + Math.floor(process.from),
    });
  }

  #deviceAt(chip: Chip, index: number, seconds: number, present: readonly Present[]): DeviceSnapshot {
    const life = this.#life;
    const here = present.filter(({ process }) => process.holdings.has(index));
    const living = here.filter(({ alive }) => alive);
    const load = Math.max(0, ...living.map(({ process }) => process.holdings.get(index)?.load(seconds) ?? 0));
    const state = life.chipStates.find((one) => one.chip === index && covers([one], seconds))?.state ?? 'ok';
    const readings = { state, load, noise: life.temperatureNoise, rejected: life.rejected(index, seconds) };
    const card = cardAt(chip.card, chip.board, seconds, readings);
    const memory = this.#memoryAt(chip, index, seconds, here);
    const region = life.tracking.kind === 'region';
    return bareDevice(String(index), {
      card,
      logicalId: index,
      location: 0,
      board: card.board,
      serial: card.serial,
      arch: card.arch,
      capacity: {
        dramBytes: chip.dramBytes,
        l1Bytes: chip.l1Bytes,
        l1AllocatableBytes: Math.floor(chip.l1Bytes * 0.93),
        source: 'board_table',
        cores: chip.cores,
      },
      memory,
      trackers: this.#trackers(here.length > 0),
      regions: new Map(region ? [[life.invisible ? 'unverifiable' : 'live', 1]] : []),
      regionSlotsUsed: region ? here.length : undefined,
      holders: {
        descriptors: living.length,
        invisible: life.invisible ? living.length : 0,
        byPid: life.invisible ? [] : living.map(({ label }) => ({ pid: label, descriptors: 1 })),
      },
    });
  }

  #trackers(used: boolean): DeviceSnapshot['trackers'] {
    const { tracking, invisible } = this.#life;
    const region = invisible ? 'unverifiable' : used ? 'live' : 'idle';
    const lastUpdateSeconds = undefined;
    return [
      { source: 'shared_memory', state: tracking.kind === 'region' ? region : 'absent', lastUpdateSeconds },
      { source: 'allocation_server', state: tracking.kind === 'totals' ? 'live' : 'absent', lastUpdateSeconds },
    ];
  }

  #memoryAt(chip: Chip, index: number, seconds: number, here: readonly Present[]): DeviceMemory | undefined {
    const { tracking, invisible } = this.#life;
    if (tracking.kind === 'off') return undefined;
    const processes = here.map(({ process, label, alive }) => ({
      pid: label,
      bytes: bytesOf(process, chip, index, seconds),
      alive,
      workload: process.owner,
    }));
    const totals = sumOf(processes);
    if (tracking.kind === 'totals') return bareMemory({ source: 'allocation_server', version: 'C', totals });
    const unattributed = { ...noMemory(), dram: 0, trace: 0, l1: 0, l1_small: 0, cb: 0 };
    unattributed.dram = Math.floor(this.#life.drift(index)(seconds) * chip.dramBytes);
    addMemory(totals, unattributed);
    return bareMemory({
      version: tracking.version,
      totals,
      processes: processes.map(({ pid, bytes }) => ({ pid, bytes, detail: undefined })),
      workloads: processes.map(({ bytes, workload }) => ({
        kind: workload.podUid === undefined || invisible ? 'none' : 'pod',
        workload: invisible ? '' : (workload.podUid ?? ''),
        bytes,
      })),
      unattributed,
      orphaned: invisible ? undefined : processes.filter(({ alive }) => !alive),
    });
  }
}

/** A dead process keeps what it held when it died. */
function bytesOf(process: SimulatedProcess, chip: Chip, index: number, seconds: number): MemoryBytes {
  const holding = process.holdings.get(index);
  const bytes = { ...noMemory(), l1_small: 0 };
  if (holding === undefined) return bytes;
  const until = Math.min(seconds, process.until - 1);
  bytes.dram = Math.floor(holding.dram(until) * chip.dramBytes);
  bytes.trace = Math.floor((holding.trace ?? 0) * chip.dramBytes);
  bytes.l1 = Math.floor(holding.l1 * 0.8 * chip.l1Bytes);
  bytes.cb = Math.floor(holding.l1 * 0.15 * chip.l1Bytes);
  return bytes;
}

function sumOf(processes: readonly { readonly bytes: MemoryBytes }[]): MemoryBytes {
  const totals = { ...noMemory(), l1: 0, l1_small: 0, cb: 0 };
  for (const type of DRAM_TYPES) totals[type] = 0;
  for (const { bytes } of processes) addMemory(totals, bytes);
  return totals;
}
