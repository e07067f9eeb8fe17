import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A process of a fake /proc. What is left out looks like an ordinary process of the host. */
export interface FakeProcess {
  readonly pid: number;
  /** Raw, as the kernel puts it into stat. */
  readonly comm?: string | Buffer;
  readonly state?: string;
  readonly parentPid?: number;
  readonly threads?: number;
  /** After boot, in 1/100 s. */
  readonly startTicks?: number;
  /** Outermost first; only the PID itself by default. */
  readonly namespacePids?: readonly number[];
  readonly uid?: number;
  readonly cgroup?: string;
  /** Text of `maps`. */
  readonly maps?: string;
  /** Target of the link of each descriptor. */
  readonly descriptors?: Readonly<Record<number, string>>;
  /** Descriptors of further threads, by thread id: what there is where the first thread has ended. */
  readonly threadDescriptors?: Readonly<Record<number, Readonly<Record<number, string>>>>;
}

/** A folder that looks like /proc. Files and processes are replaced whole, so that it can be changed while it is read. */
export class FakeProc {
  readonly root: string;
  #bootTimeSeconds: number;
  #forks = 9;

  constructor(root: string, bootTimeSeconds = 1_700_000_000) {
    this.root = root;
    this.#bootTimeSeconds = bootTimeSeconds;
    this.#writeStat();
  }

  /** Seconds since the epoch: it moves when the clock is set. */
  setBootTime(seconds: number): void {
    this.#bootTimeSeconds = seconds;
    this.#writeStat();
  }

  /** So many processes have started, and are not there any more. */
  passForks(count: number): void {
    this.#forks += count;
    this.#writeStat();
  }

  /** Adds a process, or puts another one under its PID. */
  put(process: FakeProcess): void {
    const folder = join(this.root, `${process.pid}.new`);
    putLinks(join(folder, 'fd'), process.descriptors ?? {});
    writeFileSync(join(folder, 'stat'), statLine(process));
    writeFileSync(join(folder, 'status'), statusText(process));
    writeFileSync(join(folder, 'cgroup'), process.cgroup ?? '0::/\n');
    writeFileSync(join(folder, 'maps'), process.maps ?? '');
    for (const [thread, descriptors] of Object.entries(process.threadDescriptors ?? {})) {
      putLinks(join(folder, 'task', thread, 'fd'), descriptors);
      writeFileSync(join(folder, 'task', thread, 'maps'), process.maps ?? '');
    }
    this.#replace(process.pid);
    renameSync(folder, join(this.root, `${process.pid}`));
  }

  /** Shows a real process of this host. */
  link(pid: number): void {
    this.#replace(pid);
    symlinkSync(`/proc/${pid}`, join(this.root, `${pid}`));
  }

  remove(pid: number): void {
    rmSync(join(this.root, `${pid}`), { recursive: true, force: true });
  }

  /** The driver's list for a device: one PID for each open descriptor, 0 for one that is not visible. */
  putDevice(device: number, pids: readonly number[]): void {
    this.putDeviceText(device, pids.map((pid) => `${pid}\n`).join(''));
  }

  putDeviceText(device: number, text: string): void {
    this.#write(`driver/tenstorrent/${device}/pids`, text);
  }

  removeDevice(device: number): void {
    rmSync(join(this.root, `driver/tenstorrent/${device}`), { recursive: true, force: true });
  }

  /** /proc/devices with the driver's major number; without it the driver is not there. */
  putDriver(major: number | undefined): void {
    const line = major === undefined ? '' : `${major} tenstorrent\n`;
    this.#write('devices', `Character devices:\n  1 mem\n${line}\nBlock devices:\n254 virtblk\n`);
  }

  /** What `1/ns/pid` says: the PID namespace that is shown. */
  putNamespace(text: string): void {
    const path = join(this.root, '1/ns/pid');
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    symlinkSync(text, path);
  }

  #replace(pid: number): void {
    if (existsSync(join(this.root, `${pid}`))) this.remove(pid);
    else this.passForks(1);
  }

  #writeStat(): void {
    const lines = ['cpu  1 2 3 4 0 0 0 0 0 0', 'intr 12 0 0', 'ctxt 5', `btime ${this.#bootTimeSeconds}`];
    this.#write('stat', `${[...lines, `processes ${this.#forks}`].join('\n')}\n`);
  }

  #write(path: string, content: string | Buffer): void {
    const full = join(this.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(`${full}.new`, content);
    renameSync(`${full}.new`, full);
  }
}

function putLinks(folder: string, targets: Readonly<Record<number, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [descriptor, target] of Object.entries(targets)) symlinkSync(target, join(folder, descriptor));
}

/** A line of maps for a file on a device, as the kernel prints it. */
export function mapsLine(major: number, minor: number, ino: number, path: string): string {
  const device = `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`;
  return `7f0a4a200000-7f0a4a203000 rw-s 00000000 ${device} ${ino}                       ${path}\n`;
}

function statLine({
  pid,
  comm = 'job',
  state = 'S',
  parentPid = 1,
  threads = 1,
  startTicks = 5000,
}: FakeProcess): Buffer {
  const fields = [
    state,
    parentPid,
    pid,
    pid,
    0,
    -1,
    4194304,
    0,
    0,
    0,
    0,
    7,
    3,
    0,
    0,
    20,
    0,
    threads,
    0,
    startTicks,
    4096,
  ];
  return Buffer.concat([Buffer.from(`${pid} (`), Buffer.from(comm), Buffer.from(`) ${fields.join(' ')} 0 0 0\n`)]);
}

function statusText({
  pid,
  comm = 'job',
  state = 'S',
  threads = 1,
  namespacePids = [pid],
  uid = 1000,
}: FakeProcess): string {
  // The kernel escapes newlines here, and leaves the rest as it is.
  const name = comm.toString().replaceAll('\n', '\\n');
  return `Name:\t${name}\nUmask:\t0022\nState:\t${state} (state)\nTgid:\t${pid}\nUid:\t${[uid, uid, uid, uid].join('\t')}\nNStgid:\t${namespacePids.join('\t')}\nNSpid:\t${namespacePids.join('\t')}\nThreads:\t${threads}\nCapEff:\t0000000000000000\n`;
}
