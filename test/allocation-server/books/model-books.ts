import type {
  ByType,
  DocumentDevice,
  DocumentEndedProcess,
  DocumentProcess,
  DocumentType,
} from '../../../src/protocol/snapshot-document.ts';
import type { CoreRange, Report } from '../../../src/protocol/reports.ts';
import type { ProcessFacts } from '../../../src/allocation-server/books/types.ts';

const BUFFER_TYPES: readonly DocumentType[] = ['dram', 'l1', 'host', 'l1_small', 'trace'];
const ALWAYS: readonly DocumentType[] = ['dram', 'trace', 'l1', 'l1_small', 'host'];
const TYPES: readonly DocumentType[] = ['dram', 'trace', 'l1', 'l1_small', 'cb', 'kernel', 'host'];
const MOST = 2 ** 42;

interface Numbers {
  live: number;
  buffers: number;
  peak: number;
  allocations: number;
  frees: number;
  allocated: number;
  freed: number;
  reclaimed: number;
  reclaimedBuffers: number;
  failures: number;
  lastFailed: number;
  largest: { bytes: number; holding: Holding } | undefined;
}

type Sums = Record<DocumentType, Numbers>;

interface Entry {
  readonly id: bigint;
  readonly type: DocumentType;
  readonly size: number;
  readonly time: number;
  references: number;
  /** When it was allocated or referred to last, by a count of reports. */
  renewed: number;
}

interface Holding {
  sums: Sums;
  entries: Entry[];
  cores: { id: bigint; size: number; range: CoreRange; bytes: number }[];
  hadCores: boolean;
  active: number;
}

interface Device {
  sums: Sums;
  changed: number;
}

interface Process {
  facts: ProcessFacts;
  readonly holdings: Map<number, Holding>;
}

/** The books as one would write them without a thought of speed: lists of objects, and sums when they are asked for. */
export class ModelBooks {
  now = 0;
  readonly processes = new Map<number, Process>();
  readonly devices = new Map<number, Device>();
  readonly messages: Record<string, number> = {};
  readonly rejected: Record<string, number> = {};
  readonly doubtful: Record<string, number> = {};
  readonly ended: DocumentEndedProcess[] = [];
  #reports = 0;

  apply(handle: number, report: Report): void {
    this.#reports++;
    const process = this.processes.get(handle);
    const reason = process === undefined ? 'unknown_process' : this.#take(process, report);
    if (reason === undefined) increment(this.messages, MESSAGE_NAMES[report.kind]);
    else increment(this.rejected, reason);
  }

  end(handle: number): void {
    const process = this.processes.get(handle);
    if (process === undefined) return;
    this.processes.delete(handle);
    if (process.holdings.size === 0) return;
    const devices = [...process.holdings].map(([id, { sums }]) => ({
      id,
      peakBytes: pick(sums, 'peak', used(sums)),
      heldBytes: pick(sums, 'live', used(sums)),
    }));
    const { pid, comm } = process.facts;
    this.ended.push({ pid, ...(comm !== undefined && { comm }), endedSeconds: this.now, devices });
    for (const [id, holding] of process.holdings) this.#takeBack(id, holding);
  }

  documentDevices(): DocumentDevice[] {
    return [...this.devices].sort(([a], [b]) => a - b).map(([id, device]) => this.#documentDevice(id, device));
  }

  #documentDevice(id: number, { sums, changed }: Device): DocumentDevice {
    const shown = [...ALWAYS, ...used(sums)];
    const failed = TYPES.filter((type) => sums[type].failures > 0);
    const largest = TYPES.flatMap((type) => {
      const known = sums[type].largest;
      return known === undefined ? [] : [[type, known.bytes] as const];
    });
    return {
      id,
      capacity: {},
      ...live(sums, shown),
      counters: {
        ...churn(sums, shown),
        reclaimedBytes: pick(sums, 'reclaimed', shown),
        reclaimedBuffers: pick(sums, 'reclaimedBuffers', shown),
        allocationFailures: pick(sums, 'failures', failed),
      },
      largestFreeBlockBytes: Object.fromEntries(largest),
      lastFailedAllocationBytes: pick(sums, 'lastFailed', failed),
      ...(changed > 0 && { lastUpdateSeconds: changed }),
      processes: [...this.processes.values()].flatMap(({ facts, holdings }) => {
        const holding = holdings.get(id);
        return holding === undefined ? [] : [documentProcess(facts, holding)];
      }),
    };
  }

  #take(process: Process, report: Report): string | undefined {
    if (report.deviceId < 0) return 'impossible_device';
    switch (report.kind) {
      case 'alloc':
        return this.#alloc(process, report);
      case 'free':
        return this.#free(process, report);
      case 'cb_alloc':
        return this.#gain(process, report, 'cb');
      case 'kernel_load':
        return this.#gain(process, report, 'kernel');
      case 'cb_free':
        return this.#lose(process, report, 'cb');
      case 'kernel_unload':
        return this.#lose(process, report, 'kernel');
      case 'cb_alloc_cores':
        return this.#gainOnCores(process, report);
      case 'allocator_stats': {
        const { allocatable, allocated, free, largestFreeBlock: largest } = report;
        const bad = [allocatable, allocated, free].some((size) => size > MOST) || largest > free;
        return this.#evidence(process, report, bad, Number(largest));
      }
      case 'alloc_failed': {
        const { size, largestFreeBlock: largest } = report;
        const bad = size > MOST || largest > MOST;
        const reason = this.#evidence(process, report, bad, Number(largest));
        if (reason !== undefined) return reason;
        const numbers = this.#device(report.deviceId).sums[BUFFER_TYPES[report.bufferType] ?? 'dram'];
        numbers.failures++;
        numbers.lastFailed = Number(size);
        return undefined;
      }
    }
  }

  #alloc(process: Process, report: Extract<Report, { kind: 'alloc' }>): string | undefined {
    const type = BUFFER_TYPES[report.bufferType];
    if (type === undefined) return 'unknown_buffer_type';
    if (report.size > MOST) return 'impossible_size';
    const size = Number(report.size);
    const holding = this.#holding(process, report.deviceId);
    const same = holding.entries.find((entry) => entry.id === report.bufferId && entry.type === type);
    if (same !== undefined) {
      if (same.size !== size) increment(this.doubtful, 'other_size');
      same.references++;
      same.renewed = this.#reports;
    } else {
      if (holding.sums[type].live + size > MOST) return 'impossible_size';
      const claimed = Number(report.timestamp) / 1e9;
      const time = claimed > this.now - 3e8 && claimed <= this.now + 1 ? claimed : this.now;
      holding.entries.push({ id: report.bufferId, type, size, time, references: 1, renewed: this.#reports });
      this.#add(holding, report.deviceId, type, size);
    }
    this.#touch(holding, report.deviceId);
    return undefined;
  }

  #free(process: Process, report: Extract<Report, { kind: 'free' }>): string | undefined {
    const holding = process.holdings.get(report.deviceId);
    const candidates = holding?.entries.filter(({ id }) => id === report.bufferId) ?? [];
    const entry = candidates.sort((a, b) => b.renewed - a.renewed)[0];
    if (holding === undefined || entry === undefined) return 'unknown_buffer';
    if (candidates.length > 1) increment(this.doubtful, 'ambiguous_free');
    if (--entry.references === 0) {
      holding.entries = holding.entries.filter((other) => other !== entry);
      this.#subtract(holding, report.deviceId, entry.type, entry.size, 1);
    }
    this.#touch(holding, report.deviceId);
    return undefined;
  }

  #gain(process: Process, report: { deviceId: number; size: number | bigint }, type: 'cb' | 'kernel') {
    if (report.size > MOST) return 'impossible_size';
    const holding = this.#holding(process, report.deviceId);
    if (holding.sums[type].live + Number(report.size) > MOST) return 'impossible_size';
    this.#add(holding, report.deviceId, type, Number(report.size));
    this.#touch(holding, report.deviceId);
    return undefined;
  }

  #lose(process: Process, report: Extract<Report, { kind: 'cb_free' | 'kernel_unload' }>, type: 'cb' | 'kernel') {
    const holding = process.holdings.get(report.deviceId);
    if (holding === undefined) return 'unknown_buffer';
    const { live: held, buffers } = holding.sums[type];
    if (report.size > held) increment(this.doubtful, `${type}_below_zero`);
    this.#subtract(holding, report.deviceId, type, Math.min(Number(report.size), held), Math.min(1, buffers));
    this.#touch(holding, report.deviceId);
    const onCores = holding.cores.findLastIndex(({ id, size }) => id === report.bufferId && size === report.size);
    if (type === 'cb' && onCores >= 0) holding.cores.splice(onCores, 1);
    return undefined;
  }

  #gainOnCores(process: Process, report: Extract<Report, { kind: 'cb_alloc_cores' }>): string | undefined {
    const { firstX, firstY, lastX, lastY } = report.cores;
    if (firstX > lastX || firstY > lastY || lastX > 31 || lastY > 31) return 'impossible_cores';
    if (report.bytesPerCore > 2 ** 32) return 'impossible_size';
    const reason = this.#gain(process, report, 'cb');
    if (reason !== undefined) return reason;
    const holding = this.#holding(process, report.deviceId);
    const { bufferId: id, size, cores: range, bytesPerCore } = report;
    holding.cores.push({ id, size: Number(size), range, bytes: Number(bytesPerCore) });
    holding.hadCores = true;
    return undefined;
  }

  #evidence(
    process: Process,
    { deviceId, bufferType }: { deviceId: number; bufferType: number },
    bad: boolean,
    largest: number,
  ): string | undefined {
    const type = BUFFER_TYPES[bufferType];
    if (type === undefined) return 'unknown_buffer_type';
    if (bad) return 'impossible_size';
    const holding = this.#holding(process, deviceId);
    this.#device(deviceId).sums[type].largest = { bytes: largest, holding };
    holding.active = this.now;
    return undefined;
  }

  #takeBack(deviceId: number, holding: Holding): void {
    const { sums } = this.#device(deviceId);
    for (const type of TYPES) {
      const { live: bytes, buffers } = holding.sums[type];
      sums[type].live -= bytes;
      sums[type].buffers -= buffers;
      sums[type].reclaimed += bytes;
      sums[type].reclaimedBuffers += buffers;
      if (sums[type].largest?.holding === holding) sums[type].largest = undefined;
    }
  }

  #add(holding: Holding, deviceId: number, type: DocumentType, bytes: number): void {
    for (const { sums } of [holding, this.#device(deviceId)]) {
      const numbers = sums[type];
      numbers.live += bytes;
      numbers.buffers++;
      numbers.peak = Math.max(numbers.peak, numbers.live);
      numbers.allocations++;
      numbers.allocated += bytes;
    }
  }

  #subtract(holding: Holding, deviceId: number, type: DocumentType, bytes: number, buffers: number): void {
    for (const { sums } of [holding, this.#device(deviceId)]) {
      const numbers = sums[type];
      numbers.live -= bytes;
      numbers.buffers -= buffers;
      numbers.frees += buffers;
      numbers.freed += bytes;
    }
  }

  #touch(holding: Holding, deviceId: number): void {
    holding.active = this.now;
    this.#device(deviceId).changed = this.now;
  }

  #holding(process: Process, deviceId: number): Holding {
    this.#device(deviceId);
    const known = process.holdings.get(deviceId);
    if (known !== undefined) return known;
    const holding: Holding = { sums: noSums(), entries: [], cores: [], hadCores: false, active: 0 };
    process.holdings.set(deviceId, holding);
    return holding;
  }

  #device(deviceId: number): Device {
    const device = this.devices.get(deviceId) ?? { sums: noSums(), changed: 0 };
    this.devices.set(deviceId, device);
    return device;
  }
}

const MESSAGE_NAMES: Readonly<Record<Report['kind'], string>> = {
  alloc: 'ALLOC',
  free: 'FREE',
  cb_alloc: 'CB_ALLOC',
  cb_free: 'CB_FREE',
  kernel_load: 'KERNEL_LOAD',
  kernel_unload: 'KERNEL_UNLOAD',
  cb_alloc_cores: 'CB_ALLOC_CORES',
  allocator_stats: 'ALLOCATOR_STATS',
  alloc_failed: 'ALLOC_FAILED',
};

function documentProcess(facts: ProcessFacts, holding: Holding): DocumentProcess {
  const { sums, entries, active } = holding;
  return {
    pid: facts.pid,
    ...(facts.comm !== undefined && { comm: facts.comm }),
    partial: facts.partial,
    ...live(sums, used(sums)),
    counters: churn(sums, used(sums)),
    ...(entries.length > 0 && { oldestBufferSeconds: Math.min(...entries.map(({ time }) => time)) }),
    ...(active > 0 && { lastActivitySeconds: active }),
    ...(holding.hadCores && coresOf(holding)),
  };
}

function coresOf({ cores }: Holding): Pick<DocumentProcess, 'cbMaxCoreBytes' | 'cbCores'> {
  const cbCores = [];
  for (let y = 0; y < 32; y++) {
    for (let x = 0; x < 32; x++) {
      const here = cores.filter(({ range: r }) => x >= r.firstX && x <= r.lastX && y >= r.firstY && y <= r.lastY);
      const bytes = here.reduce((sum, { bytes }) => sum + bytes, 0);
      if (bytes > 0) cbCores.push({ x, y, bytes });
    }
  }
  return { cbMaxCoreBytes: Math.max(0, ...cbCores.map(({ bytes }) => bytes)), cbCores };
}

function used(sums: Sums): DocumentType[] {
  return TYPES.filter((type) => sums[type].allocations > 0);
}

function live(
  sums: Sums,
  types: readonly DocumentType[],
): Pick<DocumentProcess, 'liveBytes' | 'liveBuffers' | 'peakBytes'> {
  return {
    liveBytes: pick(sums, 'live', types),
    liveBuffers: pick(sums, 'buffers', types),
    peakBytes: pick(sums, 'peak', types),
  };
}

function churn(sums: Sums, types: readonly DocumentType[]): NonNullable<DocumentProcess['counters']> {
  return {
    allocations: pick(sums, 'allocations', types),
    frees: pick(sums, 'frees', types),
    allocatedBytes: pick(sums, 'allocated', types),
    freedBytes: pick(sums, 'freed', types),
  };
}

function pick(sums: Sums, field: Exclude<keyof Numbers, 'largest'>, types: readonly DocumentType[]): ByType {
  return Object.fromEntries(types.map((type) => [type, sums[type][field]]));
}

function noSums(): Sums {
  const none = (): Numbers => ({
    live: 0,
    buffers: 0,
    peak: 0,
    allocations: 0,
    frees: 0,
    allocated: 0,
    freed: 0,
    reclaimed: 0,
    reclaimedBuffers: 0,
    failures: 0,
    lastFailed: 0,
    largest: undefined,
  });
  return { dram: none(), trace: none(), l1: none(), l1_small: none(), cb: none(), kernel: none(), host: none() };
}

function increment(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
