import { BoundedTexts, MAX_PROCESS_NAMES } from '../bounded-texts.ts';
import { DeviceFinder } from './device-finder.ts';
import { errnoOf, errorCode } from '../../io/error-code.ts';
import { lookAtProcfs, missingRights, ownCapabilities } from './rights.ts';
import { mountNamespaceOf } from './mount-namespace.ts';
import { Pace } from './pace.ts';
import { readHostStat, toHostProcess } from './processes.ts';
import { within } from './within.ts';
import type { DeviceHolders, FileHolders, HostProcess, ProcfsReading } from './types.ts';
import type { FileHolderFinder } from './file-holders.ts';
import type { DeviceHoldersReader } from './device-holders.ts';
import type { DriverVersionReader } from '../sysfs/driver-version.ts';
import type { HostScan } from './host-scan.ts';
import type {
  HolderProcess,
  Outcome,
  ReadError,
  SourceContext,
  SourceRun,
  SourceState,
  WantedFile,
} from '../source.ts';
import type { HostStat, ProcessTable } from './processes.ts';
import type { ProcfsView } from './rights.ts';

/** What lives longer than a run. */
export interface ProcfsParts {
  readonly root: string;
  /** Reads the driver's version; undefined: it is taken for a new one. */
  readonly versions: DriverVersionReader | undefined;
  readonly holders: DeviceHoldersReader;
  readonly table: ProcessTable;
  readonly finder: FileHolderFinder;
}

/** One reading of procfs. What is there of it can be taken at any time. */
export class ProcfsRun implements SourceRun<ProcfsReading> {
  readonly done: Promise<void>;
  readonly #parts: ProcfsParts;
  readonly #context: SourceContext;
  readonly #pace: Pace;
  readonly #startedAt = performance.now();
  readonly #errors: ReadError[] = [];
  readonly #files = new Map<string, FileHolders>();
  readonly #namespaces = new Map<number, number | undefined>();
  #view: ProcfsView | undefined;
  #host: HostStat = { bootTime: undefined, forks: undefined };
  #devices: DeviceFinder | undefined;
  #final: SourceState<ProcfsReading> | undefined;

  constructor(parts: ProcfsParts, context: SourceContext) {
    this.#parts = parts;
    this.#context = context;
    this.#pace = new Pace(context.deadline);
    this.done = this.#run();
  }

  state(): SourceState<ProcfsReading> {
    return this.#final ?? this.#assemble(undefined);
  }

  async #run(): Promise<void> {
    // Nothing is read before start() has returned.
    await Promise.resolve();
    let outcome: Outcome;
    try {
      outcome = await this.#read();
    } catch (error) {
      outcome = this.#rootOutcome(error);
    }
    this.#final = this.#assemble(outcome);
  }

  async #read(): Promise<Outcome> {
    const { root, versions, table, holders } = this.#parts;
    const { deadline, tellDeviceHolders } = this.#context;
    const view = lookAtProcfs(root);
    this.#view = view;
    this.#host = readHostStat(root);
    table.startRun();
    const devices = new DeviceFinder({ root, versions, holders, view, deadline, pace: this.#pace });
    this.#devices = devices;
    const { finished: found, scan } = await devices.find();
    this.#noteUnseen(scan);
    if (found) tellDeviceHolders?.(await this.#holderProcesses(devices));
    const finished = found && (await this.#search(devices, view));
    await devices.done;
    if (!finished) this.#note('deadline', `${root} was not looked through in time: it has very many processes`);
    return finished && (await devices.confirm()) && (await this.#lookAtHolders(devices)) ? 'ok' : 'failed';
  }

  async #holderProcesses(devices: DeviceFinder): Promise<HolderProcess[]> {
    const holders: HolderProcess[] = [];
    for (const pid of devices.pids()) {
      if (this.#pace.due() && !(await this.#pace.rest())) break;
      const process = this.#parts.table.look(pid);
      if (process === undefined) continue;
      const path = `${this.#parts.root}/${pid}`;
      const { startTicks } = process.stat;
      holders.push({ path, pid, startTicks, mountNamespace: this.#mountNamespace(pid) });
    }
    return holders;
  }

  /** False where the deadline came first. */
  async #search(devices: DeviceFinder, view: ProcfsView): Promise<boolean> {
    const { deadline, wantedFiles } = this.#context;
    let wanted: readonly WantedFile[] | undefined;
    // More than once, as the deadline can move.
    while (wanted === undefined && deadline.remaining() > 0) wanted = await within(wantedFiles, deadline.remaining());
    if (wanted === undefined) return false;
    const { finished, scan } = await this.#parts.finder.find({
      wanted,
      deviceHolders: devices.pids(),
      view,
      forks: this.#host.forks,
      pace: this.#pace,
      results: this.#files,
    });
    this.#noteUnseen(scan);
    return finished;
  }

  #noteUnseen(scan: HostScan | undefined): void {
    if (scan?.unseen === undefined || this.#errors.some(({ reason }) => reason === 'denied')) return;
    this.#note('denied', `${scan.unseen}: who holds what cannot be proven`);
  }

  /** Looks at every holder in slices, so that the reading can be put together at once. */
  async #lookAtHolders(devices: DeviceFinder): Promise<boolean> {
    for (const pid of devices.pids()) {
      if (this.#pace.due() && !(await this.#pace.rest())) return false;
      this.#parts.table.look(pid);
    }
    return true;
  }

  #assemble(outcome: Outcome | undefined): SourceState<ProcfsReading> {
    return {
      outcome,
      data: outcome === 'no_data' || this.#view === undefined ? undefined : this.#reading(this.#view),
      errors: [...this.#errors, ...(outcome === undefined ? [] : (this.#devices?.errors() ?? []))],
      durationSeconds: (performance.now() - this.#startedAt) / 1000,
    };
  }

  #reading(view: ProcfsView): ProcfsReading {
    const holders = new Set(this.#devices?.pids());
    for (const { pids } of this.#files.values()) for (const pid of pids) holders.add(pid);
    const names = new BoundedTexts(MAX_PROCESS_NAMES);
    const processes = new Map<number, HostProcess>();
    for (const pid of holders) {
      const process = this.#parts.table.look(pid);
      if (process === undefined) continue;
      const described = toHostProcess(process, this.#host.bootTime, this.#mountNamespace(pid));
      processes.set(pid, { ...described, comm: names.of(described.comm) });
    }
    const invisibleHolders = this.#devices?.hasInvisible ?? false;
    const rights = missingRights({ view, invisibleHolders, ...ownCapabilities() });
    const devices = this.#devices?.devices() ?? new Map<number, DeviceHolders>();
    const allDevices = this.#devices?.sawAll ?? false;
    return { processes, devices, allDevices, files: new Map(this.#files), missingRights: rights };
  }

  #mountNamespace(pid: number): number | undefined {
    if (!this.#namespaces.has(pid)) this.#namespaces.set(pid, mountNamespaceOf(`${this.#parts.root}/${pid}`));
    return this.#namespaces.get(pid);
  }

  #rootOutcome(error: unknown): Outcome {
    const code = errorCode(errnoOf(error));
    if (this.#view === undefined && (code === 'ENOENT' || code === 'ENOTDIR')) return 'no_data';
    const message = error instanceof Error ? error.message : String(error);
    this.#note('unreadable', `${this.#parts.root} cannot be read: ${message}`);
    return 'failed';
  }

  #note(reason: string, message: string): void {
    this.#errors.push({ reason, message });
  }
}
