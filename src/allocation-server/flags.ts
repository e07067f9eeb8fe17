import { collectTexts, readFlag } from '../flags/arguments.ts';
import { optionalFlag, switchFlag, valueFlag } from '../flags/flag.ts';
import type { Flag } from '../flags/flag.ts';
import { flagSections, wrap } from '../flags/flag-text.ts';
import { checkSocketPath } from '../flags/listen-address.ts';
import { socketGroupFlag, socketModeFlag } from '../flags/socket-flags.ts';
import { oneOf, parsePath } from '../flags/values.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../log/log.ts';

/** Every flag of tt-allocation-server. The keys are those of ServerSettings. */
export const SERVER_FLAGS = {
  help: switchFlag({ name: 'help', short: 'h', group: 'general', on: false, help: 'Show this help and end.' }),
  version: switchFlag({ name: 'version', group: 'general', on: false, help: 'Show the version and end.' }),
  socketPath: valueFlag(
    {
      name: 'socket.path',
      group: 'socket',
      placeholder: 'PATH',
      defaultText: '/tmp/tt_allocation_server.sock',
      help: 'Where applications report and monitors ask. Not used where a service manager hands over a socket.',
    },
    checkSocketPath,
  ),
  socketMode: socketModeFlag({ group: 'socket', defaultText: '0666', allows: 'report and ask' }),
  socketGroup: socketGroupFlag('socket'),
  keeper: switchFlag({
    name: 'keeper',
    group: 'socket',
    on: false,
    help: 'Run the server below a small process that keeps its sockets, and starts it again when it ends unasked or at SIGUSR2: applications stay connected meanwhile. Not needed where a service manager keeps descriptors.',
  }),
  sysfsPath: valueFlag(
    { name: 'path.sysfs', group: 'sources', placeholder: 'PATH', defaultText: '/sys', help: 'Where sysfs is mounted.' },
    parsePath,
  ),
  procfsPath: valueFlag(
    {
      name: 'path.procfs',
      group: 'sources',
      placeholder: 'PATH',
      defaultText: '/proc',
      help: 'Where procfs is mounted.',
    },
    parsePath,
  ),
  shmPath: valueFlag(
    {
      name: 'path.shm',
      group: 'sources',
      placeholder: 'PATH',
      defaultText: '/dev/shm',
      help: 'Where the shared memory regions of the workloads are, for --watch-regions.',
    },
    parsePath,
  ),
  watchRegions: switchFlag({
    name: 'watch-regions',
    group: 'sources',
    on: false,
    help: 'Read the shared memory regions too, every second, and keep what they do not: peaks and ended processes of workloads that only write there. It needs the same rights as the exporter.',
  }),
  capacityConfigFile: optionalFlag(
    {
      name: 'capacity.config.file',
      group: 'sources',
      placeholder: 'FILE',
      help: 'YAML file with the cores of boards, by name or serial number. Read again at SIGHUP.',
    },
    parsePath,
  ),
  logLevel: valueFlag(
    {
      name: 'log.level',
      group: 'log',
      placeholder: 'LEVEL',
      choices: LOG_LEVELS,
      defaultText: 'info',
      help: `What is logged: ${LOG_LEVELS.join(', ')}.`,
    },
    oneOf(LOG_LEVELS),
  ),
  logFormat: valueFlag(
    {
      name: 'log.format',
      group: 'log',
      placeholder: 'FORMAT',
      choices: LOG_FORMATS,
      defaultText: 'logfmt',
      help: `How it is logged, on stderr: ${LOG_FORMATS.join(', ')}.`,
    },
    oneOf(LOG_FORMATS),
  ),
  logEvents: switchFlag({
    name: 'log.events',
    group: 'log',
    on: false,
    help: 'Print a line for each message of an application on stdout. Lines that nobody reads are dropped and counted.',
  }),
} as const;

/** In the order of `--help`. */
export const ALL_SERVER_FLAGS: readonly Flag<unknown>[] = Object.values<Flag<unknown>>(SERVER_FLAGS);

export type ServerSettings = {
  readonly [Key in keyof typeof SERVER_FLAGS]: ReturnType<(typeof SERVER_FLAGS)[Key]['read']>;
};

/** Reads the arguments behind the program's name. Throws FlagError. */
export function parseServerCommandLine(args: readonly string[]): ServerSettings {
  const given = collectTexts(args, ALL_SERVER_FLAGS);
  const entries = Object.entries<Flag<unknown>>(SERVER_FLAGS).map(([key, flag]) => [key, readFlag(flag, given)]);
  return Object.fromEntries(entries) as ServerSettings;
}

export const SERVER_USAGE = 'tt-allocation-server [flags]';
export const SERVER_SUMMARY =
  'Takes the reports of applications on Tenstorrent devices, and tells monitors who holds how much memory.';

/** The text of `--help`, with its last newline. */
export function serverHelpText(): string {
  const lines = [`usage: ${SERVER_USAGE}`, '', ...wrap(SERVER_SUMMARY), ...flagSections(ALL_SERVER_FLAGS)];
  return `${lines.join('\n')}\n`;
}
