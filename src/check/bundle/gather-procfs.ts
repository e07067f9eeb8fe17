import { readFileSync } from 'node:fs';
import { fileKey } from '../../sources/source.ts';
import { mappedFileKey } from '../../sources/procfs/parse-maps.ts';
import { parseStatus } from '../../sources/procfs/parse-status.ts';
import { OpenFiles } from '../../sources/procfs/open-files.ts';
import {
  DENIED,
  failureOf,
  isFailure,
  listNumbers,
  readLinkText,
  readSmallFile,
} from '../../sources/procfs/proc-files.ts';
import type { Failure } from '../../sources/procfs/proc-files.ts';
import { lookAtProcfs } from '../../sources/procfs/rights.ts';
import type { ProcfsView } from '../../sources/procfs/rights.ts';
import { regionNameId } from '../../sources/shared-memory/list.ts';
import type { ProcfsReading } from '../../sources/procfs/types.ts';
import { gatherProcHost } from './gather-proc-host.ts';
import { redactRegionName } from './gather-regions.ts';
import type { BundledRegion } from './manifest.ts';
import type { LaneRecord } from './recording-lanes.ts';
import { redactCgroup } from './redact-cgroup.ts';
import { redactStat, redactStatus } from './redact-process.ts';
import type { Redaction } from './redaction.ts';
import type { TreeRecord } from './tree-record.ts';

/** Processes that may not be looked through: as many show that nothing can be proven. */
const MOST_DENIED = 16;
const REGION_LINK = /(?:^|\/)(tt_device_\d{1,20}_memory)(?: \(deleted\))?$/;
const DEVICE_LINK = /^\/dev\/tenstorrent\/\d{1,4}$/;

/** What processes are looked for by. */
export interface WantedProcesses {
  readonly reading: ProcfsReading | undefined;
  readonly regions: readonly BundledRegion[];
  /** PIDs in slots of regions, as their writers see themselves. */
  readonly writers: ReadonlySet<number>;
  /** Host PIDs of those who report to the allocation server. */
  readonly reporters: ReadonlySet<number>;
}

/**
 * Puts the part of procfs that is used into the tree: of processes that hold a chip or a region, report to the server,
 * have the number of one that wrote into a region, or may not be looked through. No command line, no environment.
 */
export function gatherProcfs(
  root: string,
  wanted: WantedProcesses,
  lanes: LaneRecord,
  tree: TreeRecord,
  redaction: Redaction,
  inTime: () => boolean,
): void {
  const view = viewOf(root);
  const pids = listNumbers(root);
  if (view === undefined || isFailure(pids)) {
    tree.miss('proc: it could not be listed');
    return;
  }
  gatherProcHost(root, view, lanes, tree);
  const gatherer = new ProcessGatherer(root, view.real, wanted, tree, redaction);
  for (const pid of pids) {
    if (!inTime()) {
      tree.miss('proc: some processes, for want of time');
      return;
    }
    gatherer.look(pid);
  }
}

function viewOf(root: string): ProcfsView | undefined {
  try {
    return lookAtProcfs(root);
  } catch {
    return undefined;
  }
}

class ProcessGatherer {
  readonly #root: string;
  readonly #wanted: WantedProcesses;
  readonly #tree: TreeRecord;
  readonly #redaction: Redaction;
  readonly #pathOfRegion = new Map<string, string>();
  readonly #inodes = new Set<number>();
  readonly #openFiles: OpenFiles;
  #denied = 0;

  constructor(root: string, real: boolean, wanted: WantedProcesses, tree: TreeRecord, redaction: Redaction) {
    this.#root = root;
    this.#wanted = wanted;
    this.#tree = tree;
    this.#redaction = redaction;
    this.#openFiles = new OpenFiles(real);
    for (const { file, path } of wanted.regions) {
      if (file === undefined) continue;
      this.#pathOfRegion.set(file, path);
      this.#inodes.add(Number(file.split(':')[1]));
    }
  }

  look(pid: number): void {
    const folder = `${this.#root}/${pid}`;
    const status = readSmallFile(`${folder}/status`);
    const parsed = isFailure(status) ? undefined : parseStatus(status.toString());
    const { reading, reporters, writers } = this.#wanted;
    const isKnown = reading?.processes.has(pid) === true || reporters.has(pid);
    const isWriter = writers.has(parsed?.namespacePids.at(-1) ?? pid);
    const denied = listNumbers(`${folder}/fd`) === DENIED;
    if (denied && !isKnown && !isWriter) this.#denied++;
    if (!isKnown && !isWriter && !(denied && this.#denied <= MOST_DENIED)) return;
    this.#put(pid, folder, isFailure(status) ? undefined : status);
  }

  #put(pid: number, folder: string, status: Buffer | undefined): void {
    const { names } = this.#redaction;
    const place = `proc/${pid}`;
    const stat = readSmallFile(`${folder}/stat`);
    const cgroup = readSmallFile(`${folder}/cgroup`);
    const texts = {
      stat: isFailure(stat) ? undefined : redactStat(stat, names),
      status: status === undefined ? undefined : redactStatus(status.toString()),
      cgroup: isFailure(cgroup) ? undefined : redactCgroup(cgroup.toString(), names),
    };
    for (const [file, text] of Object.entries(texts)) if (text !== undefined) this.#tree.put(`${place}/${file}`, text);
    const namespace = readLinkText(`${folder}/ns/mnt`);
    if (!isFailure(namespace)) this.#tree.link(`${place}/ns/mnt`, namespace);
    this.#held(folder, place);
    // Its first thread has ended, and others hold what it held.
    if (/^State:\tZ/m.test(texts.status ?? '')) {
      const threads = listNumbers(`${folder}/task`);
      for (const thread of isFailure(threads) ? [] : threads) {
        this.#held(`${folder}/task/${thread}`, `${place}/task/${thread}`);
      }
    }
  }

  /** Descriptors of chips and regions, and mappings of regions. */
  #held(folder: string, place: string): void {
    const descriptors = listNumbers(`${folder}/fd`);
    if (descriptors === DENIED) this.#tree.faults.push({ path: `${place}/fd`, at: 'open', code: 'EACCES' });
    if (isFailure(descriptors)) return;
    // So that there is a folder for whoever has nothing of the kind.
    this.#tree.put(`${place}/fd/.keep`, '');
    for (const descriptor of descriptors) {
      const target = this.#target(folder, `fd/${descriptor}`);
      if (target !== undefined) this.#tree.link(`${place}/fd/${descriptor}`, target);
    }
    const maps = readMaps(`${folder}/maps`);
    if (maps === DENIED) this.#tree.faults.push({ path: `${place}/maps`, at: 'open', code: 'EACCES' });
    if (!isFailure(maps)) this.#tree.put(`${place}/maps`, this.#mappings(maps));
  }

  #target(folder: string, link: string): string | undefined {
    const text = readLinkText(`${folder}/${link}`);
    if (isFailure(text)) return undefined;
    if (DEVICE_LINK.test(text)) return text;
    const nameId = regionNameId(REGION_LINK.exec(text)?.[1] ?? '');
    if (nameId === undefined) return undefined;
    const file = this.#openFiles.fileBehind(`${folder}/`, link, this.#inodes);
    const region = file === undefined || isFailure(file) ? undefined : this.#pathOfRegion.get(fileKey(file));
    return region ?? `gone/${redactRegionName(nameId, this.#redaction)}`;
  }

  /** `region address permissions`: device and inode will be others where it is laid out. */
  #mappings(text: string): string {
    return text
      .split('\n')
      .flatMap((line) => {
        const key = mappedFileKey(line);
        const region = key === undefined ? undefined : this.#pathOfRegion.get(key);
        const [address = '', permissions = ''] = line.split(' ');
        return region === undefined ? [] : [`${address} ${permissions} ${region}\n`];
      })
      .join('');
  }
}

/** Of any length: a program with many libraries has megabytes. */
function readMaps(path: string): string | Failure {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    return failureOf(error);
  }
}
