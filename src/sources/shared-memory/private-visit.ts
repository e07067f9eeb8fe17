import { constants, fstatSync } from 'node:fs';
import { opendir, readdir } from 'node:fs/promises';
import { fileKey } from '../source.ts';
import { findMount } from '../mount-info.ts';
import { mountNamespaceOf } from '../procfs/mount-namespace.ts';
import { readMountText } from '../procfs/mount-text.ts';
import { isFailure } from '../procfs/proc-files.ts';
import { heldLinks } from './held-links.ts';
import { regionNameId } from './list.ts';
import { mountIdOf, O_PATH, through, withOpen } from './pinned.ts';
import { MAX_FILE_SIZE, NOT_A_FILE, readOpen, refuse, SECOND_NAME, tooLarge } from './read.ts';
import { codeOf } from './region-errors.ts';
import { tmpfsBehind, walkToShm } from './shm-walk.ts';
import { TenantError } from './tenant-error.ts';
import type { Mount } from '../mount-info.ts';
import type { Pace } from '../procfs/pace.ts';
import type { RegionEntry } from './list.ts';
import type { RegionReadContext } from './read.ts';
import type { ShmFolder, ShmPlan } from './shm-walk.ts';
import type { RegionReading } from './types.ts';

/** Entries of one /dev/shm that are looked at: it may hold any number. */
const MAX_ENTRIES = 8192;

/** By this each entry adds to the size of a folder on tmpfs (linux: mm/shmem.c, BOGO_DIRENT_SIZE). */
const ENTRY_SIZE = 20;

/** Two for each chip of the largest host. */
const MAX_REGIONS = 64;

const NOT_FOLLOWED = O_PATH | constants.O_NOFOLLOW;

/** Waits for nobody: nor for a FIFO's writer, nor for the holder of a lease. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** A /dev/shm that has been listed, or a process whose descriptors were: who can have written what is there. */
type Namespaces = readonly number[];

/**
 * One look into the mount namespace of tenants. All of it is theirs, and they may change it meanwhile. Look-ups go through
 * libuv's pool, as a tenant can hold the lock of its own folder for as long as it likes; what is certainly a regular file
 * of a tmpfs answers at once.
 */
export class PrivateVisit {
  readonly found: RegionReading[] = [];
  readonly #namespace: number;
  readonly #known: Map<string, bigint>;
  readonly #context: RegionReadContext;
  #left: number;
  #abandoned = false;
  #mounts: string | undefined;

  /** `known`: number by key of every file read in this run. `left`: how many regions may still be read in it. */
  constructor(namespace: number, known: Map<string, bigint>, context: RegionReadContext, left: number) {
    this.#namespace = namespace;
    this.#known = known;
    this.#context = context;
    this.#left = Math.min(MAX_REGIONS, left);
  }

  /** Nobody waits any more: what comes back late does nothing further. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** Reads the regions of a /dev/shm. Rejects with TenantError, or with what a call of the system gives. */
  async readFolder(plan: ShmPlan, namespaces: Namespaces): Promise<void> {
    await walkToShm(plan, async (folder) => {
      // The PID may have passed to a process of another namespace.
      if (mountNamespaceOf(plan.process) !== this.#namespace) return;
      this.#mounts = plan.text;
      const place = `${plan.process}/root${plan.shm.point}`;
      for (const [name, nameId] of await this.#list(folder, place)) {
        const entry = { path: `${place}/${name}`, nameId, special: false, namespaces };
        await this.#tryEntry(entry, () => this.#readNamed(folder, name, entry));
      }
    });
  }

  /** Reads the regions that a process holds and that are not known by a name; gives how many. Rejects as readFolder() does. */
  async readHeld(process: string, pace: Pace): Promise<number> {
    this.#mustBeWaitedFor();
    const links = await heldLinks(process, pace);
    let unknown = 0;
    for (const { path, nameId, info } of links) {
      const mount = this.#mountOf(process, info.mountId);
      if (mount !== undefined && info.inode !== undefined) {
        if (this.#known.has(fileKey({ dev: mount.device, ino: info.inode }))) continue;
      }
      unknown++;
      const entry = { path, nameId, special: false, namespaces: [this.#namespace] };
      if (mount === undefined)
        this.#note('untrusted', `${path} is on a mount of which nothing is known: not looked at`);
      else if (mount.type === 'tmpfs') await this.#tryEntry(entry, () => this.#readLink(process, entry));
    }
    return unknown;
  }

  /** As it was when first asked, which is enough to know what has been read. */
  #mountOf(process: string, id: number): Mount | undefined {
    if (this.#mounts === undefined) {
      const text = readMountText(process);
      this.#mounts = isFailure(text) ? '' : text;
    }
    return findMount(this.#mounts, id);
  }

  async #list({ descriptor }: ShmFolder, place: string): Promise<[string, bigint][]> {
    const path = through(descriptor);
    const few = fstatSync(descriptor).size <= MAX_ENTRIES * ENTRY_SIZE;
    const names = few ? await readdir(path) : await this.#listSome(path, place);
    this.#mustBeWaitedFor();
    const named: [string, bigint][] = [];
    for (const name of names) {
      const nameId = regionNameId(name);
      if (nameId !== undefined) named.push([name, nameId]);
    }
    return named.sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  async #listSome(path: string, place: string): Promise<string[]> {
    this.#note('too_many_files', `${place} has more than ${MAX_ENTRIES} files: the rest is not looked at`);
    const names: string[] = [];
    const folder = await opendir(path, { bufferSize: 256 });
    try {
      while (names.length < MAX_ENTRIES) {
        const entry = await folder.read();
        this.#mustBeWaitedFor();
        if (entry === null) break;
        names.push(entry.name);
      }
    } finally {
      await folder.close();
    }
    return names;
  }

  async #tryEntry(entry: RegionEntry, read: () => Promise<void>): Promise<void> {
    this.#mustBeWaitedFor();
    try {
      await read();
    } catch (error) {
      if (error instanceof TenantError) throw error;
      const code = codeOf(error);
      // It has been removed, or its holder has ended.
      if (code === 'ENOENT' || code === 'ESRCH') return;
      this.#keep(refuse(entry, this.#context, 'unreadable', `cannot be read: ${code ?? String(error)}`, undefined));
    }
  }

  #readNamed(folder: ShmFolder, name: string, entry: RegionEntry): Promise<void> {
    return withOpen(through(folder.descriptor, name), NOT_FOLLOWED, (pin) => {
      if (mountIdOf(pin) !== folder.mount.id) {
        // fstat() would ask the filesystem that is mounted there.
        this.#keep(
          refuse(entry, this.#context, 'untrusted', 'has something mounted upon it: not looked at', undefined),
        );
        return undefined;
      }
      return this.#readPinned(pin, entry);
    });
  }

  /** The link leads to the open file itself. What it is now may not be what its text said. */
  #readLink(process: string, entry: RegionEntry): Promise<void> {
    return withOpen(entry.path, O_PATH, (pin) =>
      tmpfsBehind(process, pin) === undefined ? undefined : this.#readPinned(pin, entry),
    );
  }

  /** `pin` is on a tmpfs, and not opened. */
  async #readPinned(pin: number, entry: RegionEntry): Promise<void> {
    this.#mustBeWaitedFor();
    const stats = fstatSync(pin);
    const known = this.#known.get(fileKey(stats));
    if (known === entry.nameId) return;
    if (this.#left === 0) {
      throw new TenantError('too_many_regions', `${entry.path} and those behind it are left out: there are too many`);
    }
    if (known !== undefined) this.#keep(refuse(entry, this.#context, 'untrusted', SECOND_NAME, stats));
    else if (!stats.isFile()) this.#keep(refuse(entry, this.#context, 'untrusted', NOT_A_FILE, stats));
    else if (stats.size > MAX_FILE_SIZE)
      this.#keep(refuse(entry, this.#context, 'unsupported', tooLarge(stats), stats));
    else this.#keep(await withOpen(through(pin), READ, (descriptor) => readOpen(entry, descriptor, this.#context)));
  }

  #keep(reading: RegionReading): void {
    this.#mustBeWaitedFor();
    this.#left--;
    const key = reading.file && fileKey(reading.file);
    if (key !== undefined && !this.#known.has(key)) this.#known.set(key, reading.nameId);
    this.found.push(reading);
  }

  #note(reason: string, message: string): void {
    this.#context.errors.push({ reason, message });
  }

  #mustBeWaitedFor(): void {
    if (this.#abandoned) throw new TenantError('blocked', `mount namespace ${this.#namespace} answers too late`);
  }
}
