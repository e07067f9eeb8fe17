import type { MemoryType } from '../snapshot/memory-types.ts';
import type { Dialect } from '../sources/allocation-server/types.ts';
import { connectReporter } from './reporter.ts';
import type { Reporter } from './reporter.ts';
import type { DeviceBuffer } from './workload-buffers.ts';

const BUFFER_TYPES = { dram: 'DRAM', trace: 'TRACE', l1: 'L1', l1_small: 'L1_SMALL' } as const;

/** A workload's reports to an allocation server. */
export class WorkloadReports {
  readonly #reporter: Reporter;
  readonly #dialect: Dialect;
  readonly #pid: number;

  private constructor(reporter: Reporter, dialect: Dialect, pid: number) {
    this.#reporter = reporter;
    this.#dialect = dialect;
    this.#pid = pid;
  }

  /** Rejects where there is no server. */
  static async connect(server: { path: string; dialect: Dialect }, pid: number): Promise<WorkloadReports> {
    return new WorkloadReports(await connectReporter(server.path, server.dialect), server.dialect, pid);
  }

  allocated(device: number, type: MemoryType, buffer: DeviceBuffer): void {
    const report = this.#describe(device, buffer);
    if (type === 'cb' || type === 'kernel') {
      // Dialects A and B have no messages for them.
      if (this.#dialect !== 'C') return;
      if (type === 'cb') this.#reporter.cbAlloc(report);
      else this.#reporter.kernelLoad(report);
    } else {
      this.#reporter.alloc({ ...report, type: BUFFER_TYPES[type] });
    }
  }

  freed(device: number, type: MemoryType, buffer: DeviceBuffer): void {
    const report = this.#describe(device, buffer);
    if (type === 'cb' || type === 'kernel') {
      if (this.#dialect !== 'C') return;
      if (type === 'cb') this.#reporter.cbFree(report);
      else this.#reporter.kernelUnload(report);
    } else {
      this.#reporter.free(report);
    }
  }

  /** Resolves when the kernel has it all. A lost server loses reports and nothing else. */
  async flush(): Promise<void> {
    await this.#reporter.flush().catch(() => undefined);
  }

  #describe(device: number, buffer: DeviceBuffer): { pid: number; device: number; id: bigint; size: number } {
    return { pid: this.#pid, device, id: BigInt(buffer.id), size: buffer.bytes };
  }
}
