import { hexadecimal } from './chip-numbers.ts';
import { redactUnit } from './redact-cgroup.ts';
import type { Redaction } from './redaction.ts';

type Redact = (redaction: Redaction, value: string) => string;

const kept: Redact = (_, value) => value;
const number: Redact = ({ chips }, value) => (value === '' ? '' : hexadecimal(chips.serial(BigInt(`0x${value}`))));
const asic: Redact = ({ chips }, value) => (value === '' ? '' : hexadecimal(chips.chip(BigInt(`0x${value}`))));
/** `0`, `1R`, or the chip's number as 0x and 16 digits. */
const device: Redact = ({ chips }, value) =>
  /^0x[0-9a-f]{16}$/i.test(value) ? `0x${hexadecimal(chips.chip(BigInt(value))).toLowerCase()}` : value;

/**
 * What becomes of each label's values. Every label of the catalogue is here: one that is not is taken for a name that may
 * tell somebody something.
 */
export const LABEL_REDACTIONS: Readonly<Record<string, Redact>> = {
  ...Object.fromEntries(
    [
      ...['arch', 'board', 'clock', 'collector', 'component', 'cores', 'dialect', 'driver_index', 'error', 'extension'],
      ...['le', 'location', 'logical_id', 'namespace_pid', 'noc', 'node_version', 'operation', 'pci_address', 'pid'],
      ...['quantile', 'reason', 'revision', 'right', 'role', 'sensor', 'severity', 'slot', 'slurm_job_id', 'source'],
      ...['state', 'type', 'version', 'workload_kind'],
    ].map((label) => [label, kept]),
  ),
  device,
  gateway: device,
  chip_id: device,
  serial: number,
  asic_id: asic,
  comm: ({ names }, value) => names.name('process', value),
  unit: ({ names }, value) => redactUnit(value, names),
  container_id: ({ names }, value) => names.containerId(value),
  pod_uid: ({ names }, value) => names.podUid(value),
  pod_name: ({ names }, value) => names.name('pod', value),
  pod_namespace: ({ names }, value) => names.name('namespace', value),
  container_name: ({ names }, value) => names.name('container', value),
  user: ({ names }, value) => names.name('user', value),
};

/** By the label `workload_kind` of the same series. */
const WORKLOADS: Readonly<Record<string, string>> = {
  pod: 'pod_uid',
  container: 'container_id',
  unit: 'unit',
  slurm_job: 'slurm_job_id',
};

const SERIES = /^([a-zA-Z_:][\w:]*)\{(.*)\} (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** A page of Prometheus text with other names and numbers of boards in its labels. Its order stays. */
export function redactPage(page: string, redaction: Redaction): string {
  return page
    .split('\n')
    .map((line) => redactLine(line, redaction))
    .join('\n');
}

function redactLine(line: string, redaction: Redaction): string {
  const [, name, labels, value] = SERIES.exec(line) ?? [];
  if (name === undefined || labels === undefined || value === undefined) return line;
  const pairs = [...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, unescaped(text)] as const);
  const kind = pairs.find(([label]) => label === 'workload_kind')?.[1] ?? '';
  const redacted = pairs.map(([label, text]) => {
    const rule = label === 'workload' ? (WORKLOADS[kind] ?? label) : label;
    return `${label}="${escaped(redactLabel(rule, text, redaction))}"`;
  });
  return `${name}{${redacted.join(',')}} ${value}`;
}

function redactLabel(label: string, text: string, redaction: Redaction): string {
  const redact = LABEL_REDACTIONS[label];
  return redact === undefined ? redaction.names.name('group', text) : redact(redaction, text);
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
