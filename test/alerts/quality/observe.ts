import { boardCapacity } from '../../../src/capacity/board-table.ts';
import { BOARDS } from '../../../src/simulator/boards.ts';
import type { Board } from '../../../src/simulator/boards.ts';
import type { DeviceSnapshot, ProcessSnapshot, Snapshot } from '../../../src/snapshot/snapshot.ts';
import { CARD_STATES } from '../../../src/sources/sysfs/types.ts';
import type { Card, CardState } from '../../../src/sources/sysfs/types.ts';
import { bareDevice, bareProcess, bareSnapshot } from '../../support/rich-snapshot.ts';
import { cardAt, idleCard } from './chip-card.ts';
import { memoryAt } from './chip-memory.ts';
import type { ChipBytes, Present } from './chip-memory.ts';
import { covers } from './life.ts';
import type { HostLife, SimulatedProcess } from './life.ts';

/** Capacity and card of each chip of a host. */
interface Chip extends ChipBytes {
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
    const memory = memoryAt(life, chip, index, seconds, here);
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
}
