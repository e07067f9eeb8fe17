import { TRACKER_SOURCES } from '../sources/tracker-sources.ts';
import { switchFlag } from './flag.ts';
import type { Flag } from './flag.ts';

/** The collectors that can be switched off, in the order in which they are documented, with what they read. */
const COLLECTORS: readonly (readonly [name: string, help: string])[] = [
  ['allocation_server', 'Read the allocation server.'],
  ['shared_memory', 'Read the shared memory regions.'],
  ['sysfs', 'Read the chips and their sensors from sysfs.'],
  ['procfs', 'Read processes from procfs.'],
  ['kubernetes', 'Read the names of pods, where the kubelet has left any.'],
  ...TRACKER_SOURCES.map(({ name, help }) => [name, help] as const),
];

/** By the collector's name: `--collector.<name>`. */
export const COLLECTOR_FLAGS: ReadonlyMap<string, Flag<boolean>> = new Map(
  COLLECTORS.map(([name, help]) => [name, switchFlag({ name: `collector.${name}`, group: 'sources', on: true, help })]),
);
