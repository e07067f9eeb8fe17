import { join } from 'node:path';
import type { Dirent } from 'node:fs';
import { isContainerName } from './log-names.ts';
import { isOtherThan, RememberedFolder } from './remembered-folder.ts';

/** Pods whose folders are looked into; the kubelet runs 110 unless it is told otherwise. */
const MAX_PODS = 1_024;
/** A pod's folder holds a folder for each of its containers, ended ones and those of its start included. */
const MAX_ENTRIES = 64;

/** The folders of single pods, each listed anew only where it has changed. */
export class PodFolders {
  readonly #root: string;
  readonly #folders = new Map<string, RememberedFolder<string>>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The only container by pod UID. A container's folder is there before it starts and stays until the pod is removed, so
   * a pod with one folder has never had another container, and every process of it is of this one.
   */
  async look(
    pods: ReadonlyMap<string, { readonly folder: string }>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const sole = new Map<string, string>();
    for (const uid of this.#folders.keys()) if (!pods.has(uid)) this.#folders.delete(uid);
    // One after another: a disk that hangs holds one thread, not all of them.
    for (const [uid, { folder }] of [...pods].slice(0, MAX_PODS)) {
      const look = await this.#folderOf(uid, folder).look(signal);
      if (look.kind === 'late') break;
      const [name, ...others] = look.kind === 'read' ? look.entries : [];
      if (name !== undefined && others.length === 0 && look.kind === 'read' && !look.more) sole.set(uid, name);
    }
    return sole;
  }

  #folderOf(uid: string, folder: string): RememberedFolder<string> {
    const known = this.#folders.get(uid);
    if (known !== undefined) return known;
    const path = join(this.#root, folder);
    const added = new RememberedFolder({ path, mayBeLink: false, parse: containerFolder, maxEntries: MAX_ENTRIES });
    this.#folders.set(uid, added);
    return added;
  }
}

function containerFolder(entry: Dirent): string | undefined {
  return !isOtherThan(entry, 'directory') && isContainerName(entry.name) ? entry.name : undefined;
}
