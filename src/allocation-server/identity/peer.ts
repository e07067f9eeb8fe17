import type { NativeDescriptors } from '../native/descriptors.ts';
import type { HostProcesses, SeenProcess } from './host-processes.ts';

/** Who is at the other end of a connection. */
export type Peer =
  /** The kernel says which process connected, and /proc what it is. */
  | { readonly kind: 'known'; readonly process: SeenProcess; readonly uid: number }
  /** The kernel says which it was, and it is gone, or may not be looked at. */
  | { readonly kind: 'unseen'; readonly pid: number }
  /** Nothing is known: no native part, or a process of a PID namespace that is not seen from here. */
  | { readonly kind: 'unknown' };

/** Asks the kernel who connected. */
export function findPeer(
  fd: number | undefined,
  native: NativeDescriptors | undefined,
  processes: HostProcesses,
): Peer {
  if (native === undefined || fd === undefined) return { kind: 'unknown' };
  try {
    const { pid, uid } = native.peerCredentials(fd);
    if (pid === 0) return { kind: 'unknown' };
    const process = processes.look(pid);
    return process === undefined ? { kind: 'unseen', pid } : { kind: 'known', process, uid };
  } catch {
    return { kind: 'unknown' };
  }
}
