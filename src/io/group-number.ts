import { readFileSync } from 'node:fs';

/** A group's number, of its name or of the number as text; undefined where /etc/group has no such name. */
export function groupNumber(group: string): number | undefined {
  if (/^\d+$/.test(group)) return Number(group);
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`${group}:`));
  const id = line?.split(':')[2];
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
}
