import { isFailure, readLinkText, readSmallFile } from '../../sources/procfs/proc-files.ts';
import { readHostStat } from '../../sources/procfs/processes.ts';
import type { ProcfsView } from '../../sources/procfs/rights.ts';
import type { LaneRecord } from './recording-lanes.ts';
import type { TreeRecord } from './tree-record.ts';

/** Puts what /proc says of the host itself into the tree: its start, the driver, and whose devices are held. */
export function gatherProcHost(root: string, view: ProcfsView, lanes: LaneRecord, tree: TreeRecord): void {
  putHost(root, view, tree);
  putDeviceLists(root, lanes, tree);
}

function putHost(root: string, view: ProcfsView, tree: TreeRecord): void {
  const { bootTime, forks } = readHostStat(root);
  const lines = [
    bootTime === undefined ? '' : `btime ${bootTime}\n`,
    forks === undefined ? '' : `processes ${forks}\n`,
  ];
  tree.put('proc/stat', lines.join(''));
  const devices = readSmallFile(`${root}/devices`);
  if (!isFailure(devices)) {
    const own = /^ *\d+ tenstorrent$/m.exec(devices.toString('latin1'))?.[0];
    tree.put('proc/devices', `Character devices:\n${own === undefined ? '' : `${own}\n`}`);
  }
  // Where it shows every process of the host, nothing need be said.
  if (view.initial) return;
  const first = readLinkText(`${root}/1/ns/pid`);
  tree.link('proc/1/ns/pid', isFailure(first) ? 'pid:[0]' : first);
}

/** The driver's lists of holders, which hold PIDs alone. */
function putDeviceLists(root: string, lanes: LaneRecord, tree: TreeRecord): void {
  const prefix = `${root}/driver/tenstorrent/`;
  for (const [path, result] of lanes.results) {
    if (!path.startsWith(prefix)) continue;
    const place = `proc/driver/tenstorrent/${path.slice(prefix.length)}`;
    if (result.ok) tree.put(place, result.text);
    else if (result.code !== 'ENOENT') tree.faults.push({ path: place, at: 'open', code: result.code });
  }
  for (const path of lanes.blocked) {
    if (!path.startsWith(prefix)) continue;
    tree.faults.push({ path: `proc/driver/tenstorrent/${path.slice(prefix.length)}`, at: 'blocked' });
  }
}
