import { FLAGS } from './table.ts';
import type { FlagKey } from './table.ts';

/** A command of the program: what it is called, what it does, which flags it takes. */
export interface Command {
  /** '' for the exporter itself, which has no word. */
  readonly name: '' | 'reader';
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly FlagKey[];
}

const COMMON: readonly FlagKey[] = ['help', 'version', 'logLevel', 'logFormat'];
const KEYS = Object.keys(FLAGS).filter((key): key is FlagKey => key in FLAGS);

export const COMMANDS: readonly Command[] = [
  {
    name: '',
    usage: 'tenstorrent-exporter [flags]',
    summary: 'Answers Prometheus with the device memory of every process and the telemetry of every Tenstorrent chip.',
    flags: KEYS.filter((key) => key !== 'readerListen'),
  },
  {
    name: 'reader',
    usage: 'tenstorrent-exporter reader --listen=PATH [flags]',
    summary:
      'Reads for an exporter that was started with --reader=unix:PATH: this process needs the rights, the other the network.',
    flags: KEYS.filter((key) => key === 'readerListen' || COMMON.includes(key) || FLAGS[key].group === 'sources'),
  },
];
