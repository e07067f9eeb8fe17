import { readFileSync } from 'node:fs';

/** Descriptors that are not for connections: the program's own, files of /proc and sysfs while they are read. */
const RESERVED = 48;
const UNKNOWN_LIMIT = 1024;

/** How many connections may be open at once, by the limit of open files of this process. At least 1. */
export function maxConnections(limits = readLimits()): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return Math.max(1, (soft === undefined ? UNKNOWN_LIMIT : Number(soft)) - RESERVED);
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return '';
  }
}
