import type { HostProcesses, SeenProcess } from './host-processes.ts';
import type { Peer } from './peer.ts';

/** What became of a claim to be a certain PID. */
export type Claim =
  | { readonly kind: 'proven'; readonly process: SeenProcess }
  | { readonly kind: 'unverifiable' }
  | { readonly kind: 'refused' };

/** By how much a connection may be seen later than it was made: 1 s. */
const LATE_TICKS = 100;

/**
 * Judges a `process_id` that came over the connection of `peer`. It is that process's own PID, in any namespace that it is
 * in; or that of a process which has the connection from it by fork(). Which process sends is not told by the kernel, so
 * that one must have been made after the connection, and descend from the peer; where the peer has ended, its
 * children have other parents: then they must be of the same user.
 */
export function judgeClaim(claimed: number, peer: Peer, processes: HostProcesses): Claim {
  if (peer.kind !== 'known') return { kind: 'unverifiable' };
  const { process } = peer;
  if (process.pid === claimed || process.namespacePids.includes(claimed)) return { kind: 'proven', process };
  const hasEnded = processes.hasEnded(process.pid, process.stat.startTicks);
  const isHeir = (candidate: SeenProcess): boolean => {
    if (candidate.stat.startTicks < Math.max(process.stat.startTicks, peer.sinceTicks - LATE_TICKS)) return false;
    return hasEnded ? candidate.uid === peer.uid : processes.descends(candidate.pid, process.pid);
  };
  const heir = candidates(claimed, process, processes).find(isHeir);
  return heir === undefined ? { kind: 'refused' } : { kind: 'proven', process: heir };
}

function candidates(claimed: number, peer: SeenProcess, processes: HostProcesses): readonly SeenProcess[] {
  // Without namespaces in between, the PID is its name here.
  const here = peer.namespacePids.length <= 1 ? processes.look(claimed) : undefined;
  return here === undefined ? processes.calledItself(claimed) : [here];
}
