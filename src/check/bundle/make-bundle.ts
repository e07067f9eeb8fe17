import { readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { parseCapacityConfig } from '../../capacity/config.ts';
import type { CapacityOverride } from '../../capacity/config.ts';
import { collectorConfig } from '../../flags/collector-config.ts';
import type { Settings } from '../../flags/table.ts';
import { PageEncoder } from '../../metrics/encode/page-encoder.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { REVISION, VERSION } from '../../version.ts';
import { checkDocument } from '../report.ts';
import type { CheckFacts, Finding } from '../types.ts';
import { hexadecimal } from './chip-numbers.ts';
import { gatherPods } from './gather-pods.ts';
import { gatherProcfs } from './gather-procfs.ts';
import { gatherRegions } from './gather-regions.ts';
import { gatherServer } from './gather-server.ts';
import { gatherSysfs } from './gather-sysfs.ts';
import type { HostRecord } from './host-record.ts';
import { BUNDLE_FILES, BUNDLE_FORMAT, BUNDLE_VERSION } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { redactPage } from './redact-page.ts';
import { redactFindings } from './redact-report.ts';
import { newRedaction } from './redaction.ts';
import type { Redaction } from './redaction.ts';
import { packTar } from './tar.ts';
import { TreeRecord } from './tree-record.ts';

/** What a bundle is made of. */
export interface BundleParts {
  readonly settings: Settings;
  readonly facts: CheckFacts;
  readonly findings: readonly Finding[];
  readonly snapshot: Snapshot;
  readonly record: HostRecord;
  /** Until when there is time, on the clock of performance.now(). */
  readonly deadlineAt: number;
}

export interface Bundle {
  /** A tar archive, compressed with gzip. */
  readonly bytes: Buffer;
  readonly manifest: Manifest;
  readonly files: number;
}

/** Puts together what a collection read, with other names. Reads again only what no reading keeps: links, and /proc. */
export function makeBundle(parts: BundleParts): Bundle {
  const redaction = newRedaction();
  const tree = new TreeRecord();
  for (const { serial } of parts.facts.sources.sysfs?.data?.cards ?? []) {
    if (serial !== undefined) redaction.chips.learn(serial);
  }
  const { snapshot, facts } = parts;
  const gathered = gather(parts, tree, redaction);
  tree.put(BUNDLE_FILES.page, redactPage(pageOf(snapshot), redaction));
  putCapacity(parts.settings.capacityConfigFile, tree, redaction);
  const findings = redactFindings(parts.findings, pathNames(parts.settings), redaction);
  tree.put(BUNDLE_FILES.report, json(checkDocument(findings, facts.view.takenAtSeconds)));
  const manifest: Manifest = {
    format: BUNDLE_FORMAT,
    version: BUNDLE_VERSION,
    exporter: { version: VERSION, revision: REVISION },
    node: process.version,
    kernel: /^\d+(?:\.\d+){0,2}/.exec(release())?.[0] ?? '',
    arch: arch(),
    takenAtSeconds: snapshot.takenAtSeconds,
    flags: plainFlags(parts.settings),
    links: Object.fromEntries(tree.links),
    faults: tree.faults,
    ...gathered,
    redacted: redaction.names.counts(),
    missing: tree.missing,
  };
  const files = new Map([[BUNDLE_FILES.manifest, Buffer.from(json(manifest))], ...tree.files]);
  return { bytes: gzipSync(packTar(files, snapshot.takenAtSeconds)), manifest, files: files.size };
}

function gather(
  { settings, facts, record, deadlineAt, snapshot }: BundleParts,
  tree: TreeRecord,
  redaction: Redaction,
): Pick<Manifest, 'regions' | 'server' | 'pods'> {
  const { sources } = facts;
  const lanes = record.lanes();
  const reading = sources.sharedMemory?.data;
  const regions = gatherRegions(reading, record.regions, tree, redaction);
  gatherSysfs(settings.sysfsPath, lanes, tree, redaction);
  const writers = new Set((reading?.regions ?? []).flatMap(({ region }) => region?.slots.map(({ pid }) => pid) ?? []));
  const reporting = (sources.allocationServer?.data?.devices ?? []).flatMap(({ processes = [] }) => processes);
  const reporters = new Set(reporting.flatMap(({ hostPid }) => hostPid ?? []));
  const wanted = { reading: sources.procfs?.data, regions, writers, reporters };
  gatherProcfs(settings.procfsPath, wanted, lanes, tree, redaction, () => performance.now() < deadlineAt);
  const server = gatherServer(settings.socketPath, record.talks, tree, redaction);
  const inUse = new Set(snapshot.processes.flatMap(({ podUid, containerId }) => [podUid, containerId]));
  return { regions, server, pods: gatherPods(sources.kubernetes?.data, (id) => inUse.has(id), redaction) };
}

function pageOf(snapshot: Snapshot): string {
  const { body } = new PageEncoder().encode(snapshot, { format: 'text', ownFamilies: new Uint8Array(), ownSeries: 0 });
  return Buffer.from(body).toString();
}

/** The capacity file with other serials and without what it says beside. */
function putCapacity(path: string | undefined, tree: TreeRecord, { chips }: Redaction): void {
  if (path === undefined) return;
  try {
    const { boards, serials } = parseCapacityConfig(readFileSync(path, 'utf8'), path);
    const others = new Map(
      [...serials].map(([serial, one]) => [hexadecimal(chips.serial(BigInt(`0x${serial}`))), one]),
    );
    tree.put(BUNDLE_FILES.capacity, stringify({ boards: fieldsOf(boards), serials: fieldsOf(others) }));
  } catch {
    tree.miss('capacity: the file could not be read');
  }
}

function fieldsOf(overrides: ReadonlyMap<string, CapacityOverride>): Record<string, object> {
  const fields: Record<string, object> = {};
  for (const [name, { cores, l1BytesPerCore, dramBytes }] of overrides) {
    fields[name] = { cores, l1_bytes_per_core: l1BytesPerCore, dram_bytes: dramBytes };
  }
  return fields;
}

/** Of those that change what the page says, the ones without paths and names. */
function plainFlags(settings: Settings): string[] {
  const { memorySource, processDetail, maxProcesses, devicesExpected, collectors } = collectorConfig(settings);
  const all = ['allocation_server', 'shared_memory', 'sysfs', 'procfs', 'kubernetes'];
  return [
    `--memory.source=${memorySource}`,
    `--process.detail=${processDetail}`,
    `--memory.max-processes=${maxProcesses}`,
    ...(devicesExpected === undefined ? [] : [`--devices.expected=${devicesExpected}`]),
    ...all.filter((name) => !collectors.includes(name)).map((name) => `--no-collector.${name}`),
  ];
}

function pathNames(settings: Settings): ReadonlyMap<string, string> {
  const named = {
    'path.sysfs': settings.sysfsPath,
    'path.procfs': settings.procfsPath,
    'path.shm': settings.shmPath,
    'path.pod-logs': settings.podLogsPath,
    'allocation-server.socket': settings.socketPath,
  };
  return new Map(Object.entries(named).map(([flag, path]) => [path, `<${flag}>`]));
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
