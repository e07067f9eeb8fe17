import { createRequire } from 'node:module';

/** Who connected a Unix socket: the PID as this PID namespace has it, 0 where it has none. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** What the native part adds to Node.js (native/descriptors.c). Every call throws an Error where the kernel refuses. */
export interface NativeDescriptors {
  peerCredentials(fd: number): PeerCredentials;
  /** Another descriptor of the same open file. */
  duplicate(fd: number): number;
  /** A descriptor of a new file that is nowhere but in memory. */
  memoryFile(): number;
  /** One datagram to a service manager, as sd_notify(3) sends it, with these descriptors. Never waits. */
  notify(path: string, text: string, fds: readonly number[]): void;
}

const FILE = new URL('../../../native/descriptors.node', import.meta.url);

/** The native part; the error's text where it is not built or cannot be loaded here. */
export function loadNativeDescriptors(): NativeDescriptors | string {
  try {
    return createRequire(import.meta.url)(FILE.pathname) as NativeDescriptors;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}
