import type { Flag, FlagGroup } from './flag.ts';
import type { PeopleCommand } from '../terminal/people-command.ts';
import { ALL_FLAGS, FLAGS } from './table.ts';

/** A command of the program: what it is called, what it does, which flags it takes. */
export interface Command {
  /** '' for the exporter itself, which has no word. */
  readonly name: '' | 'reader' | PeopleCommand;
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag<unknown>[];
}

const COMMON: readonly Flag<unknown>[] = [FLAGS.help, FLAGS.version, FLAGS.logLevel, FLAGS.logFormat];
/** Of commands that read and do not serve. */
const READING: readonly Flag<unknown>[] = [FLAGS.help, FLAGS.version];
/** Of the reader that is started apart. */
const LISTENING: readonly Flag<unknown>[] = [FLAGS.readerListen, FLAGS.readerSocketMode, FLAGS.readerSocketGroup];
/** They count or show what only a page has. */
const PAGE_ONLY: readonly Flag<unknown>[] = [FLAGS.pcieCounters];

const ALSO_OF_CHECK: readonly Flag<unknown>[] = [
  FLAGS.listenAddresses,
  FLAGS.webConfigFile,
  FLAGS.devices,
  FLAGS.json,
  FLAGS.colour,
  FLAGS.readTimeoutSeconds,
];

export const COMMANDS: readonly Command[] = [
  {
    name: '',
    usage: 'tenstorrent-exporter [flags]',
    summary: 'Answers Prometheus with the device memory of every process and the telemetry of every Tenstorrent chip.',
    flags: ALL_FLAGS.filter((flag) => !LISTENING.includes(flag) && !isOf(flag, 'terminal', 'check')),
  },
  {
    name: 'reader',
    usage: 'tenstorrent-exporter reader --listen=PATH [flags]',
    summary:
      'Reads for an exporter that was started with --reader=unix:PATH: this process needs the rights, the other the network.',
    flags: ALL_FLAGS.filter((flag) => LISTENING.includes(flag) || COMMON.includes(flag) || flag.group === 'sources'),
  },
  {
    name: 'smi',
    usage: 'tenstorrent-exporter smi [--watch] [--json] [--from=URL] [flags]',
    summary:
      'Shows the chips and the processes on them as a table. Ends with 0; 1 where a flag is wrong, 2 where nothing could be read, 3 where there is no such chip, or none at all.',
    flags: readingFlags('terminal'),
  },
  {
    name: 'top',
    usage: 'tenstorrent-exporter top [--from=URL] [flags]',
    summary:
      'Shows chips and processes live: bars, history, growth by the minute. Its keys are shown below. Needs a terminal; --watch says how often it looks, at most once a second.',
    flags: readingFlags('terminal').filter((flag) => flag !== FLAGS.json),
  },
  {
    name: 'check',
    usage: 'tenstorrent-exporter check [--json] [--clean] [flags]',
    summary:
      'Says of each source what works, what does not and what to do about it, and looks at the configuration. Ends with 0; 1 where a flag is wrong, 2 where something does not work.',
    flags: ALL_FLAGS.filter((flag) => readingFlags('check').includes(flag) || ALSO_OF_CHECK.includes(flag)),
  },
];

function readingFlags(...groups: readonly FlagGroup[]): Flag<unknown>[] {
  return ALL_FLAGS.filter(
    (flag) => (READING.includes(flag) || isOf(flag, 'sources', ...groups)) && !PAGE_ONLY.includes(flag),
  );
}

function isOf(flag: Flag<unknown>, ...groups: readonly FlagGroup[]): boolean {
  return groups.includes(flag.group);
}
