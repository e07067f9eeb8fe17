import type { ManPage } from './man-page.ts';
import { PROGRAMS } from './programs.ts';
import type { ProgramCommand } from './programs.ts';

type Notes = Pick<ManPage, 'section' | 'title' | 'more'>;

const SIGNALS: ManPage['more'][number] = [
  'SIGNALS',
  [
    ['SIGHUP', 'Reads the files again that flags name, and keeps the last good ones.'],
    ['SIGTERM', 'Ends in order.'],
  ],
];

/** By name of the page: what its flags do not say. */
const NOTES: Readonly<Record<string, Notes>> = {
  'tenstorrent-exporter': {
    section: 8,
    title: 'Prometheus exporter for Tenstorrent accelerators',
    more: [
      SIGNALS,
      [
        'FILES',
        [
          ['/etc/default/tenstorrent-exporter', 'ARGS are the flags of the service, and OTEL_* variables.'],
          ['/run/tenstorrent-exporter/reader.sock', 'Where the service meets tenstorrent-exporter-reader.service.'],
        ],
      ],
    ],
  },
  'tenstorrent-exporter-reader': {
    section: 8,
    title: 'the part of the Tenstorrent exporter that reads',
    more: [
      SIGNALS,
      ['FILES', [['/etc/default/tenstorrent-exporter-reader', 'ARGS are the flags of the service: what is read.']]],
    ],
  },
  'tenstorrent-exporter-smi': { section: 1, title: 'show Tenstorrent chips and processes as a table', more: [] },
  'tenstorrent-exporter-top': { section: 1, title: 'show Tenstorrent chips and processes live', more: [] },
  'tenstorrent-exporter-check': { section: 1, title: 'say what of the Tenstorrent exporter works', more: [] },
  'tt-allocation-server': {
    section: 8,
    title: 'allocation server for Tenstorrent applications',
    more: [
      SIGNALS,
      [
        'FILES',
        [
          ['/tmp/tt_allocation_server.sock', 'Where applications report, made by tt-allocation-server.socket.'],
          ['/etc/default/tt-allocation-server', 'ARGS are the flags of the service.'],
        ],
      ],
    ],
  },
};

/** A page for each program and for each of its commands. */
export function manPages(): ManPage[] {
  return PROGRAMS.flatMap((program) =>
    program.commands.map((command) => {
      const name = pageName(program.name, command);
      const notes = NOTES[name];
      if (notes === undefined) throw new Error(`there are no notes for the manual page ${name}: add them`);
      const description = [command.summary, ...(command.name === '' ? commandList(program.commands) : [])];
      return { ...notes, name, usage: command.usage, description, flags: command.flags, seeAlso: others(name) };
    }),
  );
}

function pageName(program: string, { name }: ProgramCommand): string {
  return name === '' ? program : `${program}-${name}`;
}

function commandList(commands: readonly ProgramCommand[]): string[] {
  const names = commands.map(({ name }) => name).filter((name) => name !== '');
  return names.length === 0 ? [] : [`Other commands, each with a page of its own: ${names.join(', ')}.`];
}

function others(page: string): string[] {
  return Object.entries(NOTES)
    .filter(([name]) => name !== page)
    .map(([name, { section }]) => `${name}(${section})`);
}
