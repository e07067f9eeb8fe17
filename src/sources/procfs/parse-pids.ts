import type { DeviceHolders } from './types.ts';

/**
 * Counts the lines of /proc/driver/tenstorrent/N/pids: one PID for each open descriptor, of the process that opened it,
 * in the PID namespace of the reader; 0 where it is not visible there (tt-kmd: chardev.c). undefined where a line is not a PID.
 */
export function parsePids(text: string): DeviceHolders | undefined {
  const byPid = new Map<number, number>();
  let descriptors = 0;
  let invisible = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (!/^\d{1,10}$/.test(line)) return undefined;
    const pid = Number(line);
    descriptors += 1;
    if (pid === 0) invisible += 1;
    else byPid.set(pid, (byPid.get(pid) ?? 0) + 1);
  }
  return { descriptors, invisible, byPid };
}
