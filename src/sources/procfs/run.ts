import { countDescriptors, listDevices, readDeviceHolders } from './device-holders.ts';
import { errnoOf, errorCode } from '../../io/error-code.ts';
import { GONE, isFailure, readSmallFile } from './proc-files.ts';
import { lookAtProcfs, missingRights, ownCapabilities } from './rights.ts';
import { Pace } from './pace.ts';
import { parseDriverMajor } from './device-number.ts';
import { readBootTime, toHostProcess } from './processes.ts';
import { within } from './within.ts';
import type { DeviceHolders, FileHolders, HostProcess, ProcfsReading } from './types.ts';
import type { DeviceHoldersRead } from './device-holders.ts';
import type { DeviceMatch } from './device-link.ts';
import type { FileHolderFinder } from './file-holders.ts';
import type { LaneReader } from '../../io/lanes.ts';
import type { Outcome, ReadError, SourceContext, SourceRun, SourceState, WantedFile } from '../source.ts';
import type { ProcessTable } from './processes.ts';
import type { ProcfsView } from './rights.ts';

/** What lives longer than a run. */
export interface ProcfsParts {
  readonly root: string;
  readonly lanes: LaneReader;
  readonly table: ProcessTable;
  readonly finder: FileHolderFinder;
}

/** How long the search for files waits for the driver's files: their PIDs make it cheaper, and no better. */
const LANES_GRACE_MS = 100;

/** One reading of procfs. What is there of it can be taken at any time. */
export class ProcfsRun implements SourceRun<ProcfsReading> {
  readonly done: Promise<void>;
  readonly #parts: ProcfsParts;
  readonly #context: SourceContext;
  readonly #pace: Pace;
  readonly #startedAt = performance.now();
  readonly #errors: ReadError[] = [];
  readonly #files = new Map<string, FileHolders>();
  #view: ProcfsView | undefined;
  #bootTime: number | undefined;
  #driver: DeviceHoldersRead | undefined;
  #byDescriptor: ReadonlyMap<number, DeviceHolders> = new Map();
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
    const { root, table, lanes } = this.#parts;
    this.#view = lookAtProcfs(root);
    this.#bootTime = readBootTime(root);
    table.startRun();
    const devices = listDevices(root);
    if (!isFailure(devices)) {
      this.#driver = readDeviceHolders(root, devices, lanes, this.#context.deadline.signal);
    } else if (devices !== GONE) {
      this.#note('unreadable', `${root}/driver/tenstorrent cannot be listed: give the exporter the right to read it`);
    }
    const finished = await this.#search(this.#view, devices === GONE ? this.#deviceMatch(this.#view) : undefined);
    await this.#driver?.done;
    if (!finished) this.#note('deadline', `${root} was not looked through in time: it has very many processes`);
    return finished && (await this.#lookAtHolders()) ? 'ok' : 'failed';
  }

  /** False where the deadline came first. */
  async #search(view: ProcfsView, devices: DeviceMatch | undefined): Promise<boolean> {
    const { deadline, wantedFiles } = this.#context;
    // Devices that are found by descriptors do not wait for regions for ever: then there are two searches.
    let wanted = devices === undefined ? undefined : await within(wantedFiles, deadline.remaining() / 2);
    if (wanted === undefined && devices !== undefined && !(await this.#find([], view, devices))) return false;
    // More than once, as the deadline can move.
    while (wanted === undefined && deadline.remaining() > 0) wanted = await within(wantedFiles, deadline.remaining());
    if (wanted === undefined) return false;
    if (this.#driver !== undefined) await within(this.#driver.done, Math.min(LANES_GRACE_MS, deadline.remaining() / 4));
    return this.#find(wanted, view, devices);
  }

  async #find(wanted: readonly WantedFile[], view: ProcfsView, devices: DeviceMatch | undefined): Promise<boolean> {
    const { finished, scan } = await this.#parts.finder.find({
      wanted,
      deviceHolders: this.#deviceHolders(),
      devices,
      view,
      pace: this.#pace,
      results: this.#files,
    });
    if (scan?.unseen !== undefined) this.#note('denied', `${scan.unseen}: who holds what cannot be proven`);
    if (scan !== undefined && devices !== undefined && finished) this.#byDescriptor = countDescriptors(scan.found);
    return finished;
  }

  /** How devices are known where the driver lists no PIDs; undefined where there is no driver. */
  #deviceMatch(view: ProcfsView): DeviceMatch | undefined {
    const bytes = readSmallFile(`${this.#parts.root}/devices`);
    // A procfs mounted with subset=pid has no such file, nor the driver's.
    if (isFailure(bytes)) return { major: undefined, danglingLinks: !view.real };
    const major = parseDriverMajor(bytes.toString('latin1'));
    return major === undefined ? undefined : { major, danglingLinks: !view.real };
  }

  #devices(): ReadonlyMap<number, DeviceHolders> {
    if (this.#driver === undefined) return this.#byDescriptor;
    const { devices } = this.#driver.result();
    if (this.#view?.nested !== true) return devices;
    // The driver prints PIDs of this program's namespace, and the root shows another one's: they mean other processes.
    return new Map(
      [...devices].map(([device, { descriptors }]) => [
        device,
        { descriptors, invisible: descriptors, byPid: new Map<number, number>() },
      ]),
    );
  }

  #deviceHolders(): readonly number[] {
    return [...new Set([...this.#devices().values()].flatMap(({ byPid }) => [...byPid.keys()]))];
  }

  /** Looks at every holder in slices, so that the reading can be put together at once. */
  async #lookAtHolders(): Promise<boolean> {
    for (const pid of this.#deviceHolders()) {
      if (this.#pace.due() && !(await this.#pace.rest())) return false;
      this.#parts.table.look(pid);
    }
    return true;
  }

  #assemble(outcome: Outcome | undefined): SourceState<ProcfsReading> {
    return {
      outcome,
      data: outcome === 'no_data' || this.#view === undefined ? undefined : this.#reading(this.#view),
      errors: [...this.#errors, ...(outcome === undefined ? [] : (this.#driver?.result().errors ?? []))],
      durationSeconds: (performance.now() - this.#startedAt) / 1000,
    };
  }

  #reading(view: ProcfsView): ProcfsReading {
    const devices = this.#devices();
    const holders = [...this.#files.values()].flatMap(({ pids }) => pids);
    const processes = new Map<number, HostProcess>();
    for (const pid of [...this.#deviceHolders(), ...holders]) {
      const process = processes.has(pid) ? undefined : this.#parts.table.look(pid);
      if (process !== undefined) processes.set(pid, toHostProcess(process, this.#bootTime));
    }
    const invisibleHolders = [...devices.values()].some(({ invisible }) => invisible > 0);
    const rights = missingRights({ view, invisibleHolders, ...ownCapabilities() });
    return { processes, devices, files: new Map(this.#files), missingRights: rights };
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
