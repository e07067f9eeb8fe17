import type { MemorySourceChoice, ProcessDetail } from '../collect/types.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../log/log.ts';
import { COLLECTOR_FLAGS } from './collector-flags.ts';
import { optionalFlag, repeatableFlag, switchFlag, valueFlag } from './flag.ts';
import type { Flag } from './flag.ts';
import { TERMINAL_FLAGS } from './terminal-flags.ts';
import { parseListenAddress } from './listen-address.ts';
import { socketGroupFlag, socketModeFlag } from './socket-flags.ts';
import {
  oneOf,
  parseCount,
  parsePath,
  parseReaderChoice,
  parseReaderListen,
  parseSeconds,
  parseUrlPath,
  parseUser,
} from './values.ts';

const MEMORY_SOURCES = ['auto', 'allocation-server', 'shared-memory'] as const satisfies readonly MemorySourceChoice[];
const PROCESS_DETAILS = ['pid', 'workload', 'none'] as const satisfies readonly ProcessDetail[];

/** Every flag but those of the collectors. The keys are those of Settings. */
export const FLAGS = {
  help: switchFlag({ name: 'help', short: 'h', group: 'general', on: false, help: 'Show this help and end.' }),
  version: switchFlag({ name: 'version', group: 'general', on: false, help: 'Show the version and end.' }),
  listenAddresses: repeatableFlag(
    {
      name: 'web.listen-address',
      group: 'web',
      placeholder: 'ADDRESS',
      defaultText: ':10072',
      help: 'Where to answer HTTP: host:port, :port, [ipv6]:port or unix:/path. Port 0 lets the system choose.',
    },
    parseListenAddress,
  ),
  telemetryPath: valueFlag(
    {
      name: 'web.telemetry-path',
      group: 'web',
      placeholder: 'PATH',
      defaultText: '/metrics',
      help: 'Path of the page with the metrics.',
    },
    parseUrlPath,
  ),
  timeoutOffsetSeconds: valueFlag(
    {
      name: 'web.timeout-offset',
      group: 'web',
      placeholder: 'SECONDS',
      defaultText: '0.5',
      help: "What is taken off Prometheus's scrape timeout, so that the answer arrives before it.",
    },
    parseSeconds,
  ),
  maxRequests: valueFlag(
    {
      name: 'web.max-requests',
      group: 'web',
      placeholder: 'N',
      defaultText: '40',
      help: 'Scrapes at the same time; one more is answered with 503. 0: no limit.',
    },
    parseCount,
  ),
  webConfigFile: optionalFlag(
    {
      name: 'web.config.file',
      group: 'web',
      placeholder: 'FILE',
      help: "YAML file with TLS, passwords, headers and a limit, in the format of Prometheus's exporter-toolkit. Read again when it or its certificates change.",
    },
    parsePath,
  ),
  disableExporterMetrics: switchFlag({
    name: 'web.disable-exporter-metrics',
    group: 'web',
    on: false,
    help: "Leave out process_* and nodejs_*, the metrics of the exporter's own process.",
  }),
  otelPrometheusPath: optionalFlag(
    {
      name: 'otel.prometheus-path',
      group: 'web',
      placeholder: 'PATH',
      help: "Path of a further page for Prometheus with OpenTelemetry's names; not there by default.",
    },
    parseUrlPath,
  ),
  sysfsPath: valueFlag(
    { name: 'path.sysfs', group: 'sources', placeholder: 'PATH', defaultText: '/sys', help: 'Where sysfs is mounted.' },
    parsePath,
  ),
  pcieCounters: switchFlag({
    name: 'sysfs.pcie-counters',
    group: 'sources',
    on: false,
    help: "Count what crosses between PCIe and the chips' networks, as tt_device_pcie_noc_bytes_total. The driver's counters wrap in seconds, so they are read every second.",
  }),
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
      help: 'Where the shared memory regions of the workloads are.',
    },
    parsePath,
  ),
  podLogsPath: valueFlag(
    {
      name: 'path.pod-logs',
      group: 'sources',
      placeholder: 'PATH',
      defaultText: '/var/log/pods',
      help: "The kubelet's log folders, whose names tell pods, namespaces and containers. /var/log/containers beside it helps; no log is read.",
    },
    parsePath,
  ),
  podResourcesSocket: optionalFlag(
    {
      name: 'kubernetes.pod-resources-socket',
      group: 'sources',
      placeholder: 'PATH',
      help: "Unix socket of the kubelet's PodResources API, asked for names of pods where the log folders have none.",
    },
    parsePath,
  ),
  socketPath: valueFlag(
    {
      name: 'allocation-server.socket',
      group: 'sources',
      placeholder: 'PATH',
      defaultText: '/tmp/tt_allocation_server.sock',
      help: 'Unix socket of the allocation server.',
    },
    parsePath,
  ),
  socketOwner: optionalFlag(
    {
      name: 'allocation-server.owner',
      group: 'sources',
      placeholder: 'USER',
      help: "A user, by name or number, whose allocation server is believed beside root's and the exporter's own.",
    },
    parseUser,
  ),
  memorySource: valueFlag(
    {
      name: 'memory.source',
      group: 'sources',
      placeholder: 'SOURCE',
      choices: MEMORY_SOURCES,
      defaultText: 'auto',
      help: `Which tracker's memory numbers are shown: ${MEMORY_SOURCES.join(', ')}. auto takes, for each chip, the one that has numbers of processes.`,
    },
    oneOf(MEMORY_SOURCES),
  ),
  maxProcesses: valueFlag(
    {
      name: 'memory.max-processes',
      group: 'sources',
      placeholder: 'N',
      defaultText: '64',
      help: 'How many processes of a chip are shown one by one, the largest first; the rest is summed up as pid="other", but for processes proven gone. 0: no limit.',
    },
    parseCount,
  ),
  processDetail: valueFlag(
    {
      name: 'process.detail',
      group: 'sources',
      placeholder: 'DETAIL',
      choices: PROCESS_DETAILS,
      defaultText: 'pid',
      help: `How much is said of single processes: ${PROCESS_DETAILS.join(', ')}. workload: no series by pid but those of orphaned memory and its owners; none: not these either, orphaned memory is summed up. tt_workload_* are there in any case.`,
    },
    oneOf(PROCESS_DETAILS),
  ),
  processUser: switchFlag({
    name: 'process.user',
    group: 'sources',
    on: false,
    help: 'Give tt_process_info the label user: the name by /etc/passwd, or the uid.',
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
  devicesExpected: optionalFlag(
    {
      name: 'devices.expected',
      group: 'sources',
      placeholder: 'N',
      help: 'How many chips this host should have, shown as tt_devices_expected.',
    },
    parseCount,
  ),
  maintenanceFile: optionalFlag(
    {
      name: 'maintenance.file',
      group: 'sources',
      placeholder: 'FILE',
      help: 'While this file is there, tt_maintenance is 1.',
    },
    parsePath,
  ),
  reader: valueFlag(
    {
      name: 'reader',
      group: 'reader',
      placeholder: 'READER',
      defaultText: 'fork',
      help: 'Where the reading happens: fork (a process of its own), inline (this one), or unix:PATH (one that was started with the command "reader", whose flags then say what is read).',
    },
    parseReaderChoice,
  ),
  readerListen: optionalFlag(
    {
      name: 'listen',
      group: 'reader',
      placeholder: 'PATH',
      help: 'Unix socket at which the command "reader" answers.',
    },
    parseReaderListen,
  ),
  readerSocketMode: socketModeFlag({ group: 'reader', defaultText: '0660', allows: 'ask the reader' }),
  readerSocketGroup: socketGroupFlag('reader'),
  ...TERMINAL_FLAGS,
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
} as const;

type FlagKey = keyof typeof FLAGS;

/** Every flag of every command, in the order of `--help`. */
export const ALL_FLAGS: readonly Flag<unknown>[] = [
  ...Object.values<Flag<unknown>>(FLAGS),
  ...COLLECTOR_FLAGS.values(),
];

/** The value of every flag; `collectors` are the names of those that are not switched off. */
export type Settings = { readonly [Key in FlagKey]: ReturnType<(typeof FLAGS)[Key]['read']> } & {
  readonly collectors: readonly string[];
};
