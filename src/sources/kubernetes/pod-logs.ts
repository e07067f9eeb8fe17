import { dirname, join } from 'node:path';
import type { Dirent } from 'node:fs';
import type { ReadError } from '../source.ts';
import { folderErrors } from './folder-errors.ts';
import { parseContainerLink, parsePodFolder } from './log-names.ts';
import { PodFolders } from './pod-folders.ts';
import { isOtherThan, RememberedFolder } from './remembered-folder.ts';
import type { FolderEntries, FolderLook } from './remembered-folder.ts';
import type { ContainerName, PodLogsReading, PodName, PodNames } from './types.ts';

export interface PodLogsOptions {
  /** Where the kubelet keeps the logs of pods: /var/log/pods. */
  readonly path: string;
  /** Where it links to them by container id. Default: `containers` beside `path`, as in /var/log/containers. */
  readonly containersPath?: string;
  /** Entries of a folder that are looked at. Default: 16,384. */
  readonly maxEntries?: number;
}

export interface PodLogsResult {
  /** undefined where there is neither folder, or nothing is known yet. */
  readonly reading: PodLogsReading | undefined;
  readonly errors: readonly ReadError[];
}

/** Names of pods and containers from the names of the kubelet's log folders. No file in them is opened. */
export interface PodLogs {
  /**
   * Looks what has changed. Never rejects, and resolves at the latest when the signal is aborted: then with the names
   * that were known before, which stay true, less those that a change could have made wrong.
   */
  refresh(signal: AbortSignal): Promise<PodLogsResult>;
}

interface PodFolder {
  readonly folder: string;
  readonly uid: string;
  readonly pod: PodName;
}

interface ContainerLink {
  readonly id: string;
  readonly container: ContainerName;
}

const MAX_ENTRIES = 16_384;

export function createPodLogs({
  path,
  containersPath = join(dirname(path), 'containers'),
  maxEntries = MAX_ENTRIES,
}: PodLogsOptions): PodLogs {
  const pods = new RememberedFolder({ path, mayBeLink: true, parse: podFolder, maxEntries });
  const links = new RememberedFolder({ path: containersPath, mayBeLink: true, parse: containerLink, maxEntries });
  const folders = new PodFolders(path);

  return {
    async refresh(signal) {
      const [podLook, linkLook] = await Promise.all([pods.look(signal), links.look(signal)]);
      const errors = [...folderErrors(path, podLook), ...folderErrors(containersPath, linkLook)];
      const podEntries = entriesOf(podLook);
      const linkEntries = entriesOf(linkLook);
      if (podEntries === undefined && linkEntries === undefined) return { reading: undefined, errors };
      const named = byUid(podEntries?.entries ?? []);
      // The links say it of every container; only without them are the folders of single pods worth a look each.
      const sole = linkLook.kind === 'absent' || linkLook.kind === 'failed' ? await folders.look(named, signal) : NONE;
      return {
        reading: { pods: withContainers(named, sole), containers: byContainerId(linkEntries?.entries ?? []) },
        errors,
      };
    },
  };
}

const NONE: ReadonlyMap<string, string> = new Map();

function podFolder(entry: Dirent): PodFolder | undefined {
  if (isOtherThan(entry, 'directory')) return undefined;
  const parsed = parsePodFolder(entry.name);
  return parsed === undefined ? undefined : { folder: entry.name, ...parsed };
}

function containerLink(entry: Dirent): ContainerLink | undefined {
  return isOtherThan(entry, 'symlink') ? undefined : parseContainerLink(entry.name);
}

function entriesOf<T>(look: FolderLook<T>): FolderEntries<T> | undefined {
  if (look.kind === 'read') return look;
  return look.kind === 'late' ? look.remembered : undefined;
}

/** Pods by UID; one that two folders name differently is no pod of the kubelet's, and is left out. */
function byUid(folders: readonly PodFolder[]): ReadonlyMap<string, PodFolder> {
  return uniqueBy(folders, ({ uid }) => uid);
}

function byContainerId(links: readonly ContainerLink[]): ReadonlyMap<string, ContainerName> {
  return new Map([...uniqueBy(links, ({ id }) => id)].map(([id, { container }]) => [id, container]));
}

function uniqueBy<T>(values: readonly T[], key: (value: T) => string): Map<string, T> {
  const unique = new Map<string, T>();
  const twice = new Set<string>();
  for (const value of values) {
    if (unique.has(key(value))) twice.add(key(value));
    unique.set(key(value), value);
  }
  for (const one of twice) unique.delete(one);
  return unique;
}

function withContainers(
  pods: ReadonlyMap<string, PodFolder>,
  sole: ReadonlyMap<string, string>,
): ReadonlyMap<string, PodNames> {
  return new Map([...pods].map(([uid, { pod }]) => [uid, { ...pod, containerName: sole.get(uid) }]));
}
