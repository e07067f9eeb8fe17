import { countDescriptors, listDevices } from './device-holders.ts';
import { GONE, isFailure, readSmallFile } from './proc-files.ts';
import { listsOpenersPids, OpenerPids } from './opener-pids.ts';
import { parseDriverMajor } from './device-number.ts';
import { scanHost } from './host-scan.ts';
import { scanTarget } from './scan-target.ts';
import { within } from './within.ts';
import type { Deadline } from '../../collect/deadline.ts';
import type { ReadError } from '../source.ts';
import type { DriverVersionReader } from '../sysfs/driver-version.ts';
import type { DeviceHoldersRead, DeviceHoldersReader } from './device-holders.ts';
import type { DeviceMatch } from './device-link.ts';
import type { HostScan } from './host-scan.ts';
import type { Pace } from './pace.ts';
import type { ProcfsView } from './rights.ts';
import type { DeviceHolders } from './types.ts';

/** How long the others wait for the driver's files: a healthy driver answers within a millisecond. */
const LANES_GRACE_MS = 100;

export interface DeviceSearch {
  readonly root: string;
  /** Reads the driver's version; undefined: it is taken for a new one. */
  readonly versions: DriverVersionReader | undefined;
  readonly holders: DeviceHoldersReader;
  readonly view: ProcfsView;
  readonly deadline: Deadline;
  readonly pace: Pace;
}

/** Who holds which device, in one run: from the driver's lists, or from descriptors where it has none. */
export class DeviceFinder {
  readonly #search: DeviceSearch;
  readonly #driver: DeviceHoldersRead | undefined;
  /** Set where the driver lists nothing and devices are known by descriptors. */
  readonly #match: DeviceMatch | undefined;
  /** Set where the driver's PIDs have to be confirmed. */
  readonly #openers: OpenerPids | undefined;
  readonly #listError: ReadError | undefined;
  #sawAll = false;
  #byDescriptor: ReadonlyMap<number, DeviceHolders> = new Map();
  #pids: { readonly devices: ReadonlyMap<number, DeviceHolders>; readonly pids: readonly number[] } | undefined;

  /** Starts to read the driver's lists. */
  constructor(search: DeviceSearch) {
    const { root, versions, holders, view, deadline } = search;
    this.#search = search;
    const devices = listDevices(root);
    if (devices === GONE) {
      this.#match = deviceMatch(root, view);
    } else if (isFailure(devices)) {
      const message = `${root}/driver/tenstorrent cannot be listed: give the exporter the right to read it`;
      this.#listError = { reason: 'unreadable', message };
    } else {
      this.#driver = holders.read(devices, deadline.signal);
      const ofOpeners = versions !== undefined && listsOpenersPids(versions.read().version);
      const match = ofOpeners ? deviceMatch(root, view) : undefined;
      this.#openers = match && new OpenerPids(root, match, view.real);
    }
  }

  /** Resolves when the driver has answered for every device, or the deadline has come. */
  get done(): Promise<void> {
    return this.#driver?.done ?? Promise.resolve();
  }

  /** Whether a process that this program cannot see holds a device. Not where an old driver's list leaves it open. */
  get hasInvisible(): boolean {
    const listed = this.#driver?.result().devices ?? this.#byDescriptor;
    return [...listed.values()].some(({ invisible }) => invisible > 0);
  }

  /** Whether nobody has a device open that is not in devices(). */
  get sawAll(): boolean {
    return this.#sawAll;
  }

  errors(): readonly ReadError[] {
    return [...(this.#listError === undefined ? [] : [this.#listError]), ...(this.#driver?.result().errors ?? [])];
  }

  /**
   * Finds as many as there are in a short while: a driver that does not answer must not keep the others waiting. Gives the
   * scan where all processes were looked through.
   */
  async find(): Promise<{ readonly finished: boolean; readonly scan: HostScan | undefined }> {
    const { root, view, deadline, pace } = this.#search;
    if (this.#match !== undefined) {
      const scan = await scanHost(root, view, scanTarget([], view.real, this.#match), pace);
      if (scan.finished) this.#byDescriptor = countDescriptors(scan.found);
      this.#sawAll = scan.finished && scan.unseen === undefined;
      return { finished: scan.finished, scan };
    }
    await within(this.done, Math.min(LANES_GRACE_MS, deadline.remaining() / 4));
    return { finished: await this.confirm(), scan: undefined };
  }

  /** Looks at those whose PIDs are not known to be this procfs's own. False where the deadline came first. */
  async confirm(): Promise<boolean> {
    return this.#openers?.confirm(this.#driver?.result().devices ?? new Map(), this.#search.pace) ?? true;
  }

  /** What is known by now. */
  devices(): ReadonlyMap<number, DeviceHolders> {
    if (this.#driver === undefined) return this.#byDescriptor;
    const { devices } = this.#driver.result();
    if (this.#openers !== undefined) return this.#openers.confirmed(devices);
    if (!this.#search.view.nested) return devices;
    // The driver prints PIDs of this program's namespace, and the root shows another one's: they mean other processes.
    return new Map(
      [...devices].map(([device, { descriptors }]) => [
        device,
        { descriptors, invisible: descriptors, byPid: new Map<number, number>() },
      ]),
    );
  }

  /** Host PIDs, each once. */
  pids(): readonly number[] {
    const devices = this.devices();
    if (this.#pids?.devices !== devices) {
      const pids = new Set<number>();
      for (const { byPid } of devices.values()) for (const pid of byPid.keys()) pids.add(pid);
      this.#pids = { devices, pids: [...pids] };
    }
    return this.#pids.pids;
  }
}

/** How devices are known where the driver lists no PIDs; undefined where there is no driver. */
function deviceMatch(root: string, view: ProcfsView): DeviceMatch | undefined {
  const bytes = readSmallFile(`${root}/devices`);
  // A procfs mounted with subset=pid has no such file, nor the driver's.
  if (isFailure(bytes)) return { major: undefined, danglingLinks: !view.real };
  const major = parseDriverMajor(bytes.toString('latin1'));
  return major === undefined ? undefined : { major, danglingLinks: !view.real };
}
