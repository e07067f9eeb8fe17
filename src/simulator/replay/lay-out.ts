import { execFileSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeDevice } from '../../sources/procfs/device-number.ts';
import { mapsLine } from '../fake-proc.ts';
import { FaultTable } from '../fault-table.ts';
import type { Replay } from './parse-replay.ts';

/** More than any region has. */
const LARGE = 2 ** 20;

/** Writes the replay's files, links, regions and pods below an empty folder. Gives what lets go of blocked readers. */
export function layOut(replay: Replay, root: string): () => void {
  for (const folder of ['sys/bus/pci/devices', 'proc', 'dev/shm', 'tmp'])
    mkdirSync(join(root, folder), { recursive: true });
  // Files first: as long as there is no link, no path can lead anywhere.
  for (const [path, bytes] of replay.files) putFile(join(root, path), bytes);
  layOutRegions(replay, root);
  layOutMappings(replay, root);
  layOutPods(replay, root);
  if (replay.capacity !== undefined) writeFileSync(join(root, 'capacity.yml'), replay.capacity);
  const release = layOutFaults(replay, root);
  for (const [path, target] of replay.links)
    putLink(join(root, path), path.startsWith('sys/') ? target : procTarget(root, target));
  // Whoever reads this is none of the processes in it.
  putLink(join(root, 'proc/self'), '0');
  return release;
}

function putFile(path: string, bytes: Buffer | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

function putLink(path: string, target: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** Regions are where they are laid out; a namespace's and a device's text stays. */
function procTarget(root: string, target: string): string {
  return target.startsWith('/') || target.includes('[') ? target : join(root, target);
}

function layOutRegions({ regions, files }: Replay, root: string): void {
  for (const { path, ownerUid, status, shape } of regions) {
    const at = join(root, path);
    if (shape === 'other') mkdirSync(at);
    else if (!files.has(path)) {
      writeFileSync(at, '');
      if (status !== 'unreadable') truncateSync(at, LARGE);
    }
    giveTo(at, ownerUid);
  }
}

/** Only root may; for others everything is their own. */
export function giveTo(path: string, uid: number | undefined): void {
  if (uid !== undefined && process.geteuid?.() === 0 && existsSync(path)) chownSync(path, uid, uid);
}

/** `region address permissions` becomes a line as the kernel prints it, with the region's device and inode here. */
function layOutMappings({ files }: Replay, root: string): void {
  for (const path of files.keys()) {
    if (!/^proc\/.*\/maps$/.test(path)) continue;
    const at = join(root, path);
    const lines = readFileSync(at, 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[2] ?? '');
    writeFileSync(at, lines.flatMap((region) => mapping(root, region)).join(''));
  }
}

function mapping(root: string, region: string): string[] {
  if (!/^dev\/shm\/tt_device_\d{1,20}_memory$/.test(region)) return [];
  const at = join(root, region);
  const stats = statSync(at, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  const { major, minor } = decodeDevice(stats.dev);
  return [mapsLine(major, minor, stats.ino, at)];
}

function layOutPods({ pods }: Replay, root: string): void {
  for (const { uid, containerId, podName, podNamespace, containerName } of pods) {
    const folder = join(root, 'var/log/pods', `${podNamespace}_${podName}_${uid ?? ''}`);
    if (uid !== undefined)
      mkdirSync(containerName === undefined ? folder : join(folder, containerName), { recursive: true });
    if (containerId === undefined || containerName === undefined) continue;
    putLink(join(root, 'var/log/containers', `${podName}_${podNamespace}_${containerName}-${containerId}.log`), 'log');
  }
}

function layOutFaults({ faults }: Replay, root: string): () => void {
  const table = new FaultTable(join(root, 'faults.json'));
  const fifo = join(root, 'blocked');
  for (const fault of faults) {
    const at = join(root, fault.path);
    if (fault.path.endsWith('/fd')) mkdirSync(at, { recursive: true });
    else if (!existsSync(at)) putFile(at, '');
    if (fault.at !== 'blocked') table.set([at], { at: fault.at, code: fault.code });
    else {
      // Node has no mkfifo.
      if (!existsSync(fifo)) execFileSync('mkfifo', [fifo]);
      table.set([at], { at: 'read', block: fifo });
    }
  }
  return () => {
    // Wakes those who wait for a writer.
    if (existsSync(fifo)) closeSync(openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK));
  };
}
