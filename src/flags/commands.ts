import type { Flag } from './flag.ts';
import { ALL_FLAGS, FLAGS } from './table.ts';

/** A command of the program: what it is called, what it does, which flags it takes. */
export interface Command {
  /** '' for the exporter itself, which has no word. */
  readonly name: '' | 'reader';
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag<unknown>[];
}

const COMMON: readonly Flag<unknown>[] = [FLAGS.help, FLAGS.version, FLAGS.logLevel, FLAGS.logFormat];

export const COMMANDS: readonly Command[] = [
  {
    name: '',
    usage: 'tenstorrent-exporter [flags]',
    summary: 'Answers Prometheus with the device memory of every process and the telemetry of every Tenstorrent chip.',
    flags: ALL_FLAGS.filter((flag) => flag !== FLAGS.readerListen),
  },
  {
    name: 'reader',
    usage: 'tenstorrent-exporter reader --listen=PATH [flags]',
    summary:
      'Reads for an exporter that was started with --reader=unix:PATH: this process needs the rights, the other the network.',
    flags: ALL_FLAGS.filter((flag) => flag === FLAGS.readerListen || COMMON.includes(flag) || flag.group === 'sources'),
  },
];
