import { existsSync } from 'node:fs';
import { answersAtOnce, findMount } from '../mount-info.ts';
import { DESCRIPTOR_INFO_BYTES, parseDescriptorInfo } from '../descriptor-info.ts';
import { mountNamespaceOf } from './mount-namespace.ts';
import { readMountText } from './mount-text.ts';
import { FAILED, isFailure, readSmallFile, statThrough } from './proc-files.ts';
import type { Stats } from 'node:fs';
import type { DescriptorInfo } from '../descriptor-info.ts';
import type { FileId } from '../source.ts';
import type { Mount } from '../mount-info.ts';
import type { Failure } from './proc-files.ts';

/** A descriptor of a folder made for a test, of which the kernel tells nothing: stat() must, and harms nobody. */
const UNTOLD = Symbol('untold');

/** Lists of mounts that are read in one run: one for each namespace with a file that looks like a wanted one. */
const MAX_TEXTS = 256;

/**
 * What descriptors of other processes lead to, in one run. A stat() of a file on FUSE, NFS and their like lasts as long
 * as somebody's server wants, so it is asked only where the kernel's own text (fdinfo, mountinfo) says that the file is on
 * a filesystem that answers by itself.
 */
export class OpenFiles {
  readonly #real: boolean;
  readonly #untold = new Map<string, boolean>();
  readonly #texts = new Map<number | string, string>();
  readonly #mounts = new Map<number, Mount>();

  /** `real`: the root is a procfs of the kernel. */
  constructor(real: boolean) {
    this.#real = real;
  }

  /**
   * Device and inode of the file behind a descriptor, given as `/proc/<pid>/` and `fd/<n>`; undefined where it is none of
   * `wanted`, which must be on filesystems of the kernel.
   */
  fileBehind(folder: string, link: string, wanted: { has(inode: number): boolean }): FileId | undefined | Failure {
    const info = this.#info(folder, link);
    if (isFailure(info)) return info;
    if (info === UNTOLD) return this.#stat(folder, link);
    if (info.inode !== undefined && !wanted.has(info.inode)) return undefined;
    const mount = this.#mount(folder, info.mountId);
    // A mount that has been taken off while in use is in no list, and may be anything.
    if (mount === undefined) return FAILED;
    if (this.#mayStat(mount)) {
      return mount.type === 'tmpfs' && info.inode !== undefined
        ? { dev: mount.device, ino: info.inode }
        : this.#stat(folder, link);
    }
    return info.inode === undefined ? undefined : { dev: mount.device, ino: info.inode };
  }

  /** stat() of the file behind a descriptor; undefined where it could keep the asker waiting: no node of a device is there. */
  statOf(folder: string, link: string): Stats | undefined | Failure {
    const info = this.#info(folder, link);
    if (isFailure(info)) return info;
    if (info === UNTOLD) return this.#stat(folder, link);
    const mount = this.#mount(folder, info.mountId);
    if (mount === undefined) return FAILED;
    return this.#mayStat(mount) ? this.#stat(folder, link) : mount.type === 'overlay' ? FAILED : undefined;
  }

  #stat(folder: string, link: string): Stats | Failure {
    return statThrough(`${folder}${link}`);
  }

  /** In a folder made for a test an overlay is the machine's own. */
  #mayStat({ type }: Mount): boolean {
    return answersAtOnce(type) || (!this.#real && type === 'overlay');
  }

  #info(folder: string, link: string): DescriptorInfo | typeof UNTOLD | Failure {
    if (!this.#real && this.#isUntold(folder)) return UNTOLD;
    const path = `${folder}${link.replace(/fd\/(\d+)$/, 'fdinfo/$1')}`;
    const bytes = readSmallFile(path, DESCRIPTOR_INFO_BYTES);
    return isFailure(bytes) ? bytes : (parseDescriptorInfo(bytes.toString('latin1')) ?? FAILED);
  }

  #isUntold(folder: string): boolean {
    let untold = this.#untold.get(folder);
    if (untold === undefined) this.#untold.set(folder, (untold = !existsSync(`${folder}fdinfo`)));
    return untold;
  }

  /** An id means the same mount in every list: each namespace's is read once, and that of a process with another root. */
  #mount(folder: string, id: number): Mount | undefined {
    const known = this.#mounts.get(id) ?? this.#find(id);
    if (known !== undefined) return known;
    for (const key of [mountNamespaceOf(folder) ?? folder, folder]) {
      if (this.#texts.has(key) || this.#texts.size >= MAX_TEXTS) continue;
      const text = readMountText(folder);
      this.#texts.set(key, isFailure(text) ? '' : text);
      const found = this.#find(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #find(id: number): Mount | undefined {
    for (const text of this.#texts.values()) {
      const mount = findMount(text, id);
      if (mount === undefined) continue;
      this.#mounts.set(id, mount);
      return mount;
    }
    return undefined;
  }
}
