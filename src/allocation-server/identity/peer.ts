import type { NativeDescriptors } from '../native/descriptors.ts';
import type { HostProcesses, SeenProcess } from './host-processes.ts';

/** The kernel says which process connected, and /proc what it is. */
export interface KnownPeer {
  readonly kind: 'known';
  readonly process: SeenProcess;
  readonly uid: number;
  /** When that was seen, on the clock of `startTicks`; 0 where it was before this server. */
  readonly sinceTicks: number;
}

/** Who is at the other end of a connection. */
export type Peer =
  | KnownPeer
  /** The kernel says which it was, and it is gone, or may not be looked at. */
  | { readonly kind: 'unseen'; readonly pid: number }
  /** Nothing is known: no native part, or a process of a PID namespace that is not seen from here. */
  | { readonly kind: 'unknown' };

/** Asks the kernel who connected. `restored`: that was before this server. */
export function findPeer(
  fd: number | undefined,
  native: NativeDescriptors | undefined,
  processes: HostProcesses,
  restored: boolean,
): Peer {
  if (native === undefined || fd === undefined) return { kind: 'unknown' };
  try {
    const { pid, uid } = native.peerCredentials(fd);
    if (pid === 0) return { kind: 'unknown' };
    const process = processes.look(pid);
    if (process === undefined) return { kind: 'unseen', pid };
    return { kind: 'known', process, uid, sinceTicks: restored ? 0 : (processes.nowTicks() ?? 0) };
  } catch {
    return { kind: 'unknown' };
  }
}
