import { closeSync, constants, openSync } from 'node:fs';
import { fileKey } from '../source.ts';
import { findMount } from '../mount-info.ts';
import { mountNamespaceOf } from '../procfs/mount-namespace.ts';
import { readMountText } from '../procfs/mount-text.ts';
import { DENIED, isFailure, readLinkText } from '../procfs/proc-files.ts';
import { Pace } from '../procfs/pace.ts';
import { mountIdOf, O_PATH } from './pinned.ts';
import { directoryKey } from './shm-walk.ts';
import type { QuietHolders } from './quiet-holders.ts';
import type { Deadline } from '../../collect/deadline.ts';
import type { HolderProcess } from '../source.ts';
import type { RegionReadContext } from './read.ts';
import type { RegionReading } from './types.ts';

export interface PrivateRequest {
  readonly holders: readonly HolderProcess[];
  /** Where the host's own regions are. */
  readonly path: string;
  /** The host's own regions, which are not read again where a container shows them too. */
  readonly own: readonly RegionReading[];
  /** How many may be read. */
  readonly left: number;
  readonly context: RegionReadContext;
  readonly deadline: Deadline;
  readonly quiet: QuietHolders;
}

/** What the visits of one run share. */
export interface PrivateSession extends PrivateRequest {
  readonly known: Map<string, bigint>;
  /** Namespaces by the folder that is their /dev/shm. */
  readonly folders: Map<string, number[]>;
  readonly ownFolder: string | undefined;
  readonly ownNamespace: number | undefined;
  readonly pace: Pace;
  /** Folders of processes that may not be looked into. */
  readonly denied: Set<string>;
}

export function startSession(request: PrivateRequest): PrivateSession {
  const known = new Map<string, bigint>();
  for (const { file, nameId } of request.own) if (file !== undefined) known.set(fileKey(file), nameId);
  return {
    ...request,
    known,
    folders: new Map(),
    ownFolder: folderOf(request.path),
    ownNamespace: mountNamespaceOf('/proc/self'),
    pace: new Pace(request.deadline),
    denied: new Set(),
  };
}

/** Which folder of which filesystem the host's own is; undefined where it is not a mount by itself. */
function folderOf(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, O_PATH | constants.O_DIRECTORY);
    const id = mountIdOf(descriptor);
    const text = readMountText('/proc/self');
    const mount = id === undefined || isFailure(text) ? undefined : findMount(text, id);
    return mount?.point === path ? directoryKey(mount) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Processes by mount namespace, the oldest first: whoever starts many namespaces only pushes out his own. */
export function byNamespace({ holders, denied }: PrivateSession): Map<number, HolderProcess[]> {
  const groups = new Map<number, HolderProcess[]>();
  for (const holder of [...holders].sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)) {
    const { mountNamespace, path } = holder;
    if (mountNamespace === undefined) {
      if (readLinkText(`${path}/ns/mnt`) === DENIED) denied.add(path);
      continue;
    }
    const group = groups.get(mountNamespace);
    if (group === undefined) groups.set(mountNamespace, [holder]);
    else group.push(holder);
  }
  return groups;
}
