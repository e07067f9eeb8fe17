/** The first descriptor that a service manager hands over (systemd: sd_listen_fds(3)). */
const FIRST = 3;
const MAX = 65_536;

/** One descriptor that was there when the program began. */
export interface InheritedDescriptor {
  readonly fd: number;
  readonly name: string;
}

/**
 * The descriptors that a service manager or a keeper has handed to this process: LISTEN_FDS of them from 3 on, with their
 * names in LISTEN_FDNAMES; LISTEN_PID is this process, or its parent where that is a keeper. They are taken out of
 * the environment.
 */
export function takeInherited(env: NodeJS.ProcessEnv, pids: readonly number[]): readonly InheritedDescriptor[] {
  const { LISTEN_FDS: fds = '', LISTEN_PID: pid = '', LISTEN_FDNAMES: names = '' } = env;
  delete env['LISTEN_FDS'];
  delete env['LISTEN_PID'];
  delete env['LISTEN_FDNAMES'];
  if (!/^\d{1,5}$/.test(fds) || !pids.map(String).includes(pid)) return [];
  const named = names.split(':');
  return Array.from({ length: Math.min(Number(fds), MAX) }, (_, index) => ({
    fd: FIRST + index,
    name: named[index] ?? '',
  }));
}
