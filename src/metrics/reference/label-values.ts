import { DRAM_TYPES, L1_TYPES } from '../../snapshot/memory-types.ts';
import { TRACKER_STATES, WORKLOAD_KINDS } from '../../snapshot/snapshot.ts';
import { CARD_STATES } from '../../sources/sysfs/types.ts';
import { COLLECTOR_NAMES } from '../catalogue/exporter.ts';
import { REGION_STATES } from '../catalogue/trackers.ts';

export interface LabelText {
  readonly label: string;
  /** Which families it is about; undefined: every family with the label that no other entry is about. */
  readonly families?: readonly string[];
  readonly values: string;
}

function words(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ');
}

/** What the values of each label are. */
export const LABEL_TEXTS: readonly LabelText[] = [
  {
    label: 'device',
    values:
      'The index, in order of PCI address, of the Tenstorrent functions on the bus, driver or not; `<index>R` for the remote chip of the n300 at that index; `0x` and 16 hex digits for a region that no card explains; a number of the allocation server that nothing explains as it stands, or behind `m` where a PCI index has it. A process that has only some chips of the host open (a container, `TT_VISIBLE_DEVICES`) counts those alone: what it reports to `tt-allocation-server` is said of the chips that it has open, and left out where these cannot be told.',
  },
  {
    label: 'pid',
    values:
      "The PID as the host sees it; `?<pid>`, the writer's own number, where no host process can be proven to be it (also of an owner that is gone); `other` for the sum of those beyond `--memory.max-processes`, and of all orphaned ones under `--process.detail=none`; empty in the `orphaned` families where it is proven that there is none.",
  },
  {
    label: 'type',
    values: `L1: ${words(L1_TYPES)}; DRAM: ${words(DRAM_TYPES)}. A type that the source does not track is absent.`,
  },
  { label: 'type', families: ['tt_l1_estimated_bytes'], values: words(['cb', 'kernel', 'firmware']) },
  {
    label: 'type',
    families: ['tt_allocation_server_messages_total'],
    values: 'The type of message, as the protocol names it: `ALLOC`, `FREE`, …',
  },
  { label: 'source', values: words(['allocation_server', 'shared_memory']) },
  { label: 'source', families: ['tt_capacity_info'], values: words(['config', 'allocation_server', 'board_table']) },
  { label: 'cores', values: 'Tensix cores that harvesting left.' },
  { label: 'version', values: 'The version as its owner writes it: `2.10.0`, `19.10.0.0`.' },
  {
    label: 'version',
    families: ['tt_memory_tracker_info'],
    values: 'Dialect of the allocation server (`A`, `B`, `C`), or layout of the shared memory region (`1` to `4`).',
  },
  { label: 'state', families: ['tt_memory_tracker_state'], values: `Worst first: ${words(TRACKER_STATES)}.` },
  { label: 'state', families: ['tt_memory_regions'], values: words(REGION_STATES) },
  {
    label: 'state',
    families: ['tt_devices', 'tt_device_state'],
    values: `${words(CARD_STATES)}: \`unreachable\`: reads give all ones; \`firmware_down\`: the driver publishes no telemetry.`,
  },
  { label: 'dialect', values: words(['A', 'B', 'C']) },
  { label: 'extension', values: "Version of this project's extension; empty: the server has none." },
  { label: 'reason', values: 'A short word for why.' },
  { label: 'result', values: words(['success', 'failure']) },
  {
    label: 'comm',
    values: "The process's name as the kernel keeps it: at most 15 bytes, unprintable characters replaced.",
  },
  { label: 'unit', values: 'systemd unit.' },
  { label: 'container_id', values: 'Container id from the cgroup path.' },
  { label: 'pod_uid', values: 'UID of the Kubernetes pod.' },
  { label: 'pod_name', values: 'Name of the pod; empty unless asked for.' },
  { label: 'pod_namespace', values: 'Namespace of the pod; empty unless asked for.' },
  { label: 'container_name', values: 'Name of the container in its pod; empty unless asked for.' },
  { label: 'slurm_job_id', values: 'Slurm job, and step where there is one.' },
  {
    label: 'user',
    values:
      "Name of the user by /etc/passwd, or the uid where it has none: of the host's uid, also for a container's process. Only with `--process.user`.",
  },
  { label: 'workload_kind', values: words(WORKLOAD_KINDS) },
  { label: 'workload', values: 'UID of the pod, Slurm job, container id or systemd unit; empty where it is `none`.' },
  {
    label: 'namespace_pid',
    values: "The PID that the process itself sees; empty where it is the host's or not known.",
  },
  { label: 'chip_id', values: "The chip's unique id as regions are named by it: `0x` and 16 hex digits." },
  { label: 'arch', values: words(['grayskull', 'wormhole', 'blackhole']) },
  { label: 'board', values: 'As the driver names it: `n150`, `n300`, `p150a`, `galaxy-wormhole`, …' },
  { label: 'serial', values: 'Serial number of the board: 16 upper-case hex digits. Chips of one board share it.' },
  { label: 'asic_id', values: 'Id of the ASIC as the driver reads it: 16 upper-case hex digits.' },
  { label: 'pci_address', values: '`0000:c1:00.0`' },
  { label: 'driver_index', values: 'N of /dev/tenstorrent/N; it can be another one after a reset.' },
  { label: 'logical_id', values: "TT-Metal's number of the chip." },
  { label: 'location', values: 'Position of the ASIC on its board.' },
  { label: 'gateway', values: 'For a remote chip the `device` that it is reached through.' },
  { label: 'slot', values: 'Place in the chassis.' },
  { label: 'component', values: words(['bundle', 'arc', 'eth', 'm3bl', 'm3app', 'ttflash']) },
  { label: 'sensor', values: '`asic` for temperature; `vcore` for voltage, current and power.' },
  {
    label: 'sensor',
    families: ['tt_device_sensor_rejected'],
    values: words(['asic', 'vcore', 'fan', 'clock_ai', 'clock_axi', 'clock_arc', 'heartbeat', 'thermal_trips']),
  },
  { label: 'clock', values: words(['ai', 'axi', 'arc']) },
  { label: 'severity', values: words(['correctable', 'nonfatal', 'fatal']) },
  { label: 'error', values: "The kernel's name of the error: `RxErr`, `BadTLP`, …; not its totals." },
  { label: 'noc', values: "Which of the chip's two networks: `0`, `1`." },
  {
    label: 'role',
    values:
      "Of the PCIe interface on the chip's network, in the driver's words: `master`: it asks, as for what the host reads and writes on the chip; `slave`: it is asked, as for what the chip reads and writes on the host.",
  },
  {
    label: 'operation',
    values: '`read`; `write_posted`, which nobody answers; `write_nonposted`, which is acknowledged.',
  },
  { label: 'collector', values: words(COLLECTOR_NAMES) },
  { label: 'right', values: words(['host_pid_namespace', 'CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH']) },
  { label: 'revision', values: 'Revision that the exporter was built from; empty where it is not known.' },
  { label: 'node_version', values: 'As Node says it: `v24.21.0`.' },
];
