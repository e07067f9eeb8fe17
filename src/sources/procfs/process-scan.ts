import { deviceBehind } from './device-link.ts';
import { fileKey } from '../source.ts';
import { findMappedFiles, UNFINISHED } from './mapped-files.ts';
import { GONE, isFailure, listNumbers, readLinkText, readSmallFile } from './proc-files.ts';
import { hasEnded } from './parse-stat.ts';
import { ownPid } from './processes.ts';
import { parseStatus } from './parse-status.ts';
import type { DENIED, FAILED } from './proc-files.ts';
import type { DeviceMatch } from './device-link.ts';
import type { Pace } from './pace.ts';
import type { ScanTarget } from './scan-target.ts';

/** What came of one process. */
export interface ProcessScan {
  readonly pid: number;
  /** As which it sees itself. */
  readonly ownPid: number;
  /** By file key: where below /proc/<pid> it was seen, `fd/12` or `maps`. */
  readonly files: ReadonlyMap<string, string>;
  /** Open descriptors by N of /dev/tenstorrent/N. */
  readonly devices: ReadonlyMap<number, number>;
  /** Keys of the files that name it as a writer. */
  readonly named: readonly string[];
  /** Its mappings were read too, of all files. */
  readonly mapped: boolean;
  /** undefined: everything of it was seen. */
  readonly failure: typeof DENIED | typeof FAILED | undefined;
}

interface OpenScan extends ProcessScan {
  readonly base: string;
  readonly target: ScanTarget;
  readonly pace: Pace;
  readonly files: Map<string, string>;
  readonly devices: Map<number, number>;
  mapped: boolean;
  failure: typeof DENIED | typeof FAILED | undefined;
}

/**
 * Looks through the descriptors of a process, and through its mappings where a wanted file names it as a writer and it
 * has no descriptor of that file (or `allMappings` is set). GONE where it ended before or meanwhile. Nothing else of a
 * process is touched, and nothing that it holds is opened.
 */
export async function scanProcess(
  ...look: readonly [root: string, pid: number, target: ScanTarget, pace: Pace, allMappings?: boolean]
): Promise<ProcessScan | typeof GONE | typeof UNFINISHED> {
  const scan = await lookThrough(...look);
  if (scan === GONE || scan === UNFINISHED || scan.failure === undefined) return scan;
  // One that ends loses its namespaces before its PID (EINVAL of mountinfo), and one that has just ended refuses its links
  // with EACCES (linux: exit_task_namespaces(), proc_pid_readlink()). A moment later it holds nothing, or is gone: only what
  // cannot be seen then either must cost the proof, which is that of all files.
  return lookThrough(...look);
}

async function lookThrough(
  root: string,
  pid: number,
  target: ScanTarget,
  pace: Pace,
  allMappings = false,
): Promise<ProcessScan | typeof GONE | typeof UNFINISHED> {
  const base = `${root}/${pid}/`;
  const bytes = readSmallFile(`${base}status`);
  const status = isFailure(bytes) ? bytes : (parseStatus(bytes.toString()) ?? GONE);
  if (status === GONE || (!isFailure(status) && hasEnded(status))) return GONE;
  const namespacePids = isFailure(status) ? [] : status.namespacePids;
  const scan = openScan(base, { pid, namespacePids }, target, pace);
  note(scan, status);
  const zombie = !isFailure(status) && status.state === 'Z';
  for (const thread of zombie ? runningThreads(scan) : ['']) {
    const end = await addDescriptors(scan, `${thread}fd`);
    // A thread may end while the others run on.
    if (end === UNFINISHED || (end === GONE && !zombie)) return end;
    if (!allMappings && scan.named.every((key) => scan.files.has(key))) continue;
    if ((await addMappings(scan, `${thread}maps`)) === UNFINISHED) return UNFINISHED;
    scan.mapped = true;
  }
  return scan;
}

function openScan(
  base: string,
  process: { readonly pid: number; readonly namespacePids: readonly number[] },
  target: ScanTarget,
  pace: Pace,
): OpenScan {
  const number = ownPid(process);
  return {
    pid: process.pid,
    ownPid: number,
    base,
    target,
    pace,
    named: target.filesByWriter.get(number) ?? [],
    files: new Map(),
    devices: new Map(),
    mapped: false,
    failure: undefined,
  };
}

/**
 * A process whose first thread has ended while others run looks like a zombie, its fd and maps are empty, and those of
 * each other thread have everything.
 */
function runningThreads(scan: OpenScan): readonly string[] {
  const threads = listNumbers(`${scan.base}task`);
  if (!isFailure(threads)) return threads.filter((thread) => thread !== scan.pid).map((thread) => `task/${thread}/`);
  note(scan, threads);
  return [];
}

async function addDescriptors(scan: OpenScan, folder: string): Promise<typeof GONE | typeof UNFINISHED | undefined> {
  const { pace } = scan;
  if (pace.due() && !(await pace.rest())) return UNFINISHED;
  const descriptors = listNumbers(`${scan.base}${folder}`);
  if (isFailure(descriptors)) {
    note(scan, descriptors);
    return descriptors === GONE ? GONE : undefined;
  }
  for (const descriptor of descriptors) {
    if (pace.due() && !(await pace.rest())) return UNFINISHED;
    addDescriptor(scan, `${folder}/${descriptor}`);
  }
  return undefined;
}

// The name of a region as its holder sees it: what is looked at. It proves nothing, device and inode do.
const REGION_NAME = /_memory(?: \(deleted\))?$/;

function addDescriptor(scan: OpenScan, link: string): void {
  const text = readLinkText(`${scan.base}${link}`);
  if (isFailure(text)) {
    note(scan, text);
    return;
  }
  if (REGION_NAME.test(text)) {
    const file = scan.target.openFiles.fileBehind(scan.base, link, scan.target.inodes);
    note(scan, file);
    const key = file === undefined || isFailure(file) ? undefined : fileKey(file);
    if (key !== undefined && scan.target.files.has(key) && !scan.files.has(key)) scan.files.set(key, link);
  } else if (scan.target.devices !== undefined) {
    addDevice(scan, link, text, scan.target.devices);
  }
}

function addDevice(scan: OpenScan, link: string, text: string, match: DeviceMatch): void {
  const device = deviceBehind(text, match, () => scan.target.openFiles.statOf(scan.base, link));
  if (isFailure(device)) note(scan, device);
  else if (device !== undefined) scan.devices.set(device, (scan.devices.get(device) ?? 0) + 1);
}

async function addMappings(scan: OpenScan, link: string): Promise<typeof UNFINISHED | undefined> {
  const mapped = await findMappedFiles(`${scan.base}${link}`, scan.target.files, scan.pace);
  if (mapped === UNFINISHED) return UNFINISHED;
  if (isFailure(mapped)) {
    note(scan, mapped);
    return undefined;
  }
  for (const key of mapped) if (!scan.files.has(key)) scan.files.set(key, link);
  return undefined;
}

/** What has gone away costs nothing; what could not be seen costs the proof. */
function note(scan: OpenScan, outcome: unknown): void {
  if (isFailure(outcome) && outcome !== GONE) scan.failure ??= outcome;
}
