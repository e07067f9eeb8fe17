/** A workload's process: does to its chips what its parent says, and ends with it. */
import { openSync, readlinkSync } from 'node:fs';
import { MEMORY_TYPES } from '../snapshot/memory-types.ts';
import type { MemoryType } from '../snapshot/memory-types.ts';
import type { Holdings } from './patterns.ts';
import { RegionWriter } from './region-writer.ts';
import { Buffers } from './workload-buffers.ts';
import type { WorkloadAnswer, WorkloadChip, WorkloadCommand, WorkloadStart } from './workload-messages.ts';
import { WorkloadReports } from './workload-reports.ts';

/** /proc is the parent's, so that this is the host's number of a process in a PID namespace too. */
const HOST_PID = Number(readlinkSync('/proc/self'));

/** One of the workload's chips as it sees it. */
interface OpenChip {
  readonly chip: WorkloadChip;
  readonly region: RegionWriter | undefined;
  readonly buffers: Map<MemoryType, Buffers>;
}

class WorkloadProcess {
  readonly #slotPid: number;
  readonly #chips: ReadonlyMap<number, OpenChip>;
  readonly #reports: WorkloadReports | undefined;
  /** No two processes of the host use the same: a server takes the second for a reference to the first. */
  #lastBuffer = HOST_PID * 2 ** 24;

  private constructor(start: WorkloadStart, reports: WorkloadReports | undefined) {
    process.title = start.name;
    this.#slotPid = start.slotPid ?? process.pid;
    this.#reports = reports;
    // Kept open until the process ends, like the descriptors of the regions.
    for (const path of start.devices) openSync(path, 'r+');
    this.#chips = new Map(
      start.chips.map((chip) => {
        const region =
          start.region === undefined
            ? undefined
            : RegionWriter.open(chip.regionPath, {
                ...start.region,
                chipId: chip.chipId,
                deviceId: chip.ownId,
                isRemote: chip.remote,
              });
        region?.attach(this.#slotPid, start.name);
        return [chip.logicalId, { chip, region, buffers: new Map() }];
      }),
    );
  }

  static async start(start: WorkloadStart): Promise<WorkloadProcess> {
    const pid = start.slotPid ?? process.pid;
    const reports = start.server === undefined ? undefined : await WorkloadReports.connect(start.server, pid);
    return new WorkloadProcess(start, reports);
  }

  get slotPid(): number {
    return this.#slotPid;
  }

  async hold(logicalId: number, holdings: Holdings): Promise<void> {
    const open = this.#chips.get(logicalId);
    if (open === undefined) throw new RangeError(`this workload has no chip ${logicalId}`);
    for (const type of MEMORY_TYPES) this.#holdType(open, type, holdings[type] ?? 0);
    await this.#reports?.flush();
  }

  stop(): void {
    for (const { region } of this.#chips.values()) region?.detach(this.#slotPid);
  }

  #holdType(open: OpenChip, type: MemoryType, bytes: number): void {
    const buffers = open.buffers.get(type) ?? new Buffers(() => ++this.#lastBuffer);
    open.buffers.set(type, buffers);
    const { freed, allocated } = buffers.hold(bytes);
    if (freed.length === 0 && allocated.length === 0) return;
    if (type === 'cb') {
      open.region?.setCb(this.#slotPid, bytes);
    } else if (open.region !== undefined) {
      for (const buffer of freed) open.region.free(this.#slotPid, type, buffer.bytes);
      for (const buffer of allocated) open.region.allocate(this.#slotPid, type, buffer.bytes);
    }
    for (const buffer of freed) this.#reports?.freed(open.chip.ownId, type, buffer);
    for (const buffer of allocated) this.#reports?.allocated(open.chip.ownId, type, buffer);
  }
}

let workload: WorkloadProcess | undefined;

async function obey(command: WorkloadCommand): Promise<void> {
  switch (command.kind) {
    case 'start':
      workload = await WorkloadProcess.start(command);
      answer({ kind: 'started', hostPid: HOST_PID, slotPid: workload.slotPid });
      return;
    case 'hold':
      await workload?.hold(command.chip, command.holdings);
      answer({ kind: 'done' });
      return;
    case 'stop':
      workload?.stop();
      return process.exit(0);
    case 'crash':
      return process.exit(134);
  }
}

function answer(message: WorkloadAnswer): void {
  process.send?.(message);
}

process.on('message', (command: WorkloadCommand) => {
  obey(command).catch((error: unknown) => {
    answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
});
// Ctrl-C reaches all of a terminal's processes; this one ends when its parent has written its books.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
if (!process.connected) process.exit(0);
