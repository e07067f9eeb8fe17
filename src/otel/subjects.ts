import type { Attributes } from '@opentelemetry/api';
import type { FamilySamples, SampleTable } from '../samples/sample-table.ts';
import type { HardwareType } from './otel-metric.ts';

/** What is known of chips and processes and stands on the points of other metrics, too: OpenTelemetry has no joins. */
export interface Subjects {
  /** Of `process.pid`s as they are written in the label: container and pod. */
  readonly processes: ReadonlyMap<string, Attributes>;
  /** Of chips by label: model, serial number, firmware, driver. */
  readonly chips: ReadonlyMap<string, Attributes>;
}

export function findSubjects(table: SampleTable): Subjects {
  return { processes: findProcesses(table), chips: findChips(table) };
}

/** The attributes that say which chip, and of a component of it, as the conventions want them. */
export function hardwareAttributes(type: HardwareType, device: string, chips: Subjects['chips']): Attributes {
  const chip = `tenstorrent-${device}`;
  const own = { 'tenstorrent.device': device, 'hw.type': type };
  if (type === 'gpu') return { ...own, 'hw.id': chip, 'hw.vendor': 'Tenstorrent', ...chips.get(device) };
  return { ...own, 'hw.id': `${chip}-${type}`, 'hw.parent': chip };
}

/**
 * Whose a sample is: a number where it is the host's, the writer's own number as `process.vpid` where that is all that is
 * known, and for a sum a word that no process has.
 */
export function processAttributes(pid: string): Attributes {
  if (pid === '') return {};
  if (/^\d+$/.test(pid)) return { 'process.pid': Number(pid) };
  if (/^\?\d+$/.test(pid)) return { 'process.vpid': Number(pid.slice(1)) };
  return { 'tenstorrent.process.sum': pid };
}

function findProcesses(table: SampleTable): ReadonlyMap<string, Attributes> {
  const found = new Map<string, Attributes>();
  for (const texts of rows(table, 'tt_process_info')) {
    const [pid = '', , , , container = '', pod = ''] = texts;
    const attributes = processAttributes(pid);
    if (container !== '') attributes['container.id'] = container;
    if (pod !== '') attributes['k8s.pod.uid'] = pod;
    found.set(pid, attributes);
  }
  return found;
}

function findChips(table: SampleTable): ReadonlyMap<string, Attributes> {
  const found = new Map<string, Attributes>();
  const [driver = []] = rows(table, 'tt_driver_info');
  for (const [device = '', , , board = '', serial = '', , pciAddress = ''] of rows(table, 'tt_device_info')) {
    const attributes: Attributes = {};
    if (board !== '') attributes['hw.model'] = board;
    if (serial !== '') attributes['hw.serial_number'] = serial;
    if (pciAddress !== '' && driver[0] !== undefined) attributes['hw.driver_version'] = driver[0];
    found.set(device, attributes);
  }
  for (const [device = '', component, version = ''] of rows(table, 'tt_firmware_info')) {
    const attributes = found.get(device);
    if (component === 'bundle' && attributes !== undefined) attributes['hw.firmware_version'] = version;
  }
  return found;
}

/** The label values of each sample of a family. */
function rows(table: SampleTable, name: string): readonly (readonly string[])[] {
  const family = table.families.find((candidate) => candidate.name === name);
  return family === undefined ? [] : Array.from(family.values, (_, at) => row(table, family, at));
}

function row({ texts }: SampleTable, { labels, textIds }: FamilySamples, at: number): readonly string[] {
  return Array.from(textIds.subarray(at * labels, (at + 1) * labels), (id) => texts[id] ?? '');
}
