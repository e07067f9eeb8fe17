import { closeSync, fstatSync, openSync, readSync, statfsSync } from 'node:fs';
import { constants } from 'node:os';

import { errnoOf } from './error-code.ts';
import { bytesAskedFor, mayGoOn } from './file-outcome.ts';
import type { FileRequest, Lane } from './lanes.ts';

const DEFAULT_LIMIT = 4096;

/**
 * A kept descriptor's file is gone, and the path may lead to another one by now. EIO is what procfs says of a driver's
 * file that was removed (linux: fs/proc/inode.c).
 */
const GONE: ReadonlySet<number> = new Set([
  constants.errno.EIO,
  constants.errno.ENODEV,
  constants.errno.ENOENT,
  constants.errno.ENXIO,
  constants.errno.ESRCH,
  constants.errno.ESTALE,
  constants.errno.EBADF,
]);

/** sysfs and procfs tell by an error that what is behind a descriptor is gone (linux: include/uapi/linux/magic.h). */
const SELF_TELLING: ReadonlySet<number> = new Set([0x62656572, 0x9fa0]);

interface KeptFile extends FileRequest {
  fd: number | undefined;
  /** On an ordinary file system a deleted file reads on for ever: whether it still has a name must be asked. */
  askForName: boolean;
}

interface KeptLane {
  readonly generation: string;
  readonly files: readonly KeptFile[];
}

/** Reads files synchronously through descriptors that stay open from run to run. Whoever calls it may be blocked. */
export class KeptFiles {
  readonly #lanes = new Map<string, KeptLane>();
  readonly #selfTelling = new Map<number, boolean>();
  #limit: number;
  #open = 0;

  /** `limit`: how many descriptors are kept at most; files beyond it are opened for each read. */
  constructor(limit: number = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /** Makes a lane known, or changes it. Descriptors stay where generation and path stay. */
  define(lane: Lane): void {
    const old = this.#lanes.get(lane.key);
    const reusable = new Map<string, KeptFile>();
    for (const file of old?.files ?? []) {
      if (old?.generation === lane.generation && !reusable.has(file.path)) reusable.set(file.path, file);
      else this.#close(file);
    }
    const files = lane.files.map(({ path, maxBytes }): KeptFile => {
      const kept = reusable.get(path);
      reusable.delete(path);
      return { path, maxBytes, fd: kept?.fd, askForName: kept?.askForName ?? false };
    });
    for (const file of reusable.values()) this.#close(file);
    this.#lanes.set(lane.key, { generation: lane.generation, files });
  }

  forget(key: string): void {
    for (const file of this.#lanes.get(key)?.files ?? []) this.#close(file);
    this.#lanes.delete(key);
  }

  /** The files of a lane that was defined, in its order. */
  files(key: string): readonly KeptFile[] {
    return this.#lanes.get(key)?.files ?? [];
  }

  /** Reads a file of `files()` to `into` at `at`, where maxBytes + 1 bytes must be free. Gives its outcome. */
  read(file: KeptFile, into: Buffer, at: number): number {
    if (file.fd !== undefined) {
      const outcome = readKept(file, file.fd, into, at);
      if (!GONE.has(-outcome)) return outcome;
      this.#close(file);
    }
    return this.#openAndRead(file, into, at);
  }

  close(): void {
    for (const key of [...this.#lanes.keys()]) this.forget(key);
  }

  #openAndRead(file: KeptFile, into: Buffer, at: number): number {
    let fd: number;
    try {
      fd = this.#openFile(file.path);
    } catch (error) {
      return -errnoOf(error);
    }
    const { seekable, askForName } = this.#kindOf(fd, file.path);
    const outcome = attempt(() => readFrom(fd, into, at, bytesAskedFor(file.maxBytes), seekable));
    if (!seekable || GONE.has(-outcome) || this.#open >= this.#limit) {
      closeQuietly(fd);
    } else {
      file.fd = fd;
      file.askForName = askForName;
      this.#open += 1;
    }
    return outcome;
  }

  #openFile(path: string): number {
    try {
      return openSync(path, 'r');
    } catch (error) {
      const errno = errnoOf(error);
      const outOfDescriptors = errno === constants.errno.EMFILE || errno === constants.errno.ENFILE;
      if (!outOfDescriptors || this.#open === 0) throw error;
      this.#giveUpKept();
      return openSync(path, 'r');
    }
  }

  /** The process or the host is out of descriptors: from now on half as many are kept, which leaves some for others. */
  #giveUpKept(): void {
    this.#limit = Math.floor(this.#open / 2);
    for (const lane of this.#lanes.values()) {
      for (const file of lane.files) this.#close(file);
    }
  }

  #kindOf(fd: number, path: string): { seekable: boolean; askForName: boolean } {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return { seekable: false, askForName: false };
    let selfTelling = this.#selfTelling.get(stats.dev);
    if (selfTelling === undefined) {
      selfTelling = isSelfTelling(path);
      this.#selfTelling.set(stats.dev, selfTelling);
    }
    return { seekable: true, askForName: !selfTelling };
  }

  #close(file: KeptFile): void {
    if (file.fd === undefined) return;
    closeQuietly(file.fd);
    file.fd = undefined;
    this.#open -= 1;
  }
}

function readKept(file: KeptFile, fd: number, into: Buffer, at: number): number {
  return attempt(() => {
    if (file.askForName && fstatSync(fd).nlink === 0) return -constants.errno.ESTALE;
    return readFrom(fd, into, at, bytesAskedFor(file.maxBytes), true);
  });
}

/** What cannot seek (a FIFO) is read once, from where it stands: another read might wait for a writer. */
function readFrom(fd: number, into: Buffer, at: number, askedFor: number, seekable: boolean): number {
  let got = readSync(fd, into, at, askedFor, seekable ? 0 : null);
  while (seekable && mayGoOn(got, askedFor)) {
    const more = readSync(fd, into, at + got, askedFor - got, got);
    if (more === 0) break;
    got += more;
  }
  return got;
}

function attempt(read: () => number): number {
  try {
    return read();
  } catch (error) {
    return -errnoOf(error);
  }
}

/** Nothing was written, so a failing close loses nothing. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The descriptor is not ours any more, which is all that was wanted.
  }
}

function isSelfTelling(path: string): boolean {
  try {
    return SELF_TELLING.has(statfsSync(path).type);
  } catch {
    return false;
  }
}
