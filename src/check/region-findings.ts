import { holdsMemory } from '../snapshot/memory-types.ts';
import type { ProcessChipView } from '../host-view/types.ts';
import type { RegionReading, RegionStatus } from '../sources/shared-memory/types.ts';
import { absent, count, failed, ok, sourceFindings, warning } from './finding.ts';
import type { CheckFacts, Finding } from './types.ts';

const AREA = 'shared_memory';
/** As far as regions and processes are named one by one. */
const MOST_NAMES = 8;

const ADVICE: Readonly<Record<Exclude<RegionStatus, 'decoded'>, string>> = {
  unreadable: 'regions are of mode 0600: run as root, or give CAP_DAC_READ_SEARCH',
  unsupported: 'a later layout: update this exporter; until then use an allocation server',
  untrusted: 'nothing of it is believed; remove the file if no process of a chip wrote it',
  initializing: 'its writer is just starting; if it stays so, the writer died: remove the file',
};

/** The regions, and processes that hold a chip and write none. */
export function regionFindings(facts: CheckFacts): Finding[] {
  const state = facts.sources.sharedMemory;
  const findings = sourceFindings(AREA, state);
  if (state === undefined) return findings;
  const regions = state.data?.regions ?? [];
  if (state.outcome === 'no_data') {
    findings.push(
      absent(
        AREA,
        `no region in ${facts.paths.shm}`,
        'TT-Metal makes one for each chip that a process opens, unless TT_METAL_SHM_TRACKING_DISABLED=1',
      ),
    );
  }
  const decoded = regions.filter(({ status }) => status === 'decoded');
  if (decoded.length > 0) findings.push(ok(AREA, `${count(decoded.length, 'region')} read, ${layouts(decoded)}`));
  findings.push(...troubles(regions, facts.uid), ...leaks(facts), ...silent(facts));
  const unseen = state.data?.unseenHolders ?? [];
  if (unseen.length > 0) {
    findings.push(
      warning(
        AREA,
        `containers of ${pids(unseen.map(String))} could not be looked into: their regions are not seen`,
        'CAP_SYS_PTRACE is needed, and a /dev/shm that answers',
      ),
    );
  }
  return findings;
}

function layouts(regions: readonly RegionReading[]): string {
  const versions = [...new Set(regions.flatMap(({ region }) => region?.version ?? []))].sort();
  return `of layout ${versions.join(' and ')}`;
}

function troubles(regions: readonly RegionReading[], uid: number): Finding[] {
  return regions.slice(0, MOST_NAMES * MOST_NAMES).flatMap(({ path, status, problem }) => {
    if (status === 'decoded') return [];
    const make = status === 'initializing' ? warning : failed;
    const user = status === 'unreadable' ? ` by uid ${uid}` : '';
    return [make(AREA, `${path} is ${status}${user}: ${problem ?? 'no reason is known'}`, ADVICE[status])];
  });
}

/** Memory of processes that are gone, as it is in the metrics. */
function leaks({ view }: CheckFacts): Finding[] {
  const orphans = view.processes.filter(({ chips }) =>
    chips.some(({ orphaned, bytes }) => orphaned && holdsMemory(bytes)),
  );
  if (orphans.length === 0) return [];
  const summary = `memory is charged to ${pids(orphans.map(({ pid }) => pid))}, proven gone`;
  return [warning(AREA, summary, 'the next process that opens the chip takes the slot over, or remove the region')];
}

/** Who holds a chip and has no memory there, apart by whether somebody unproven with that number has. */
function silent({ view }: CheckFacts): Finding[] {
  const quiet = view.processes.filter(({ chips }) =>
    chips.some(({ descriptors, bytes }) => descriptors !== undefined && !isReported(bytes)),
  );
  const unproven = new Set(
    view.processes
      .filter(({ chips }) => chips.some(({ orphaned, bytes }) => !orphaned && isReported(bytes)))
      .map(({ pid }) => pid),
  );
  const doubtful = quiet.flatMap(({ pid }) => (unproven.has(`?${pid}`) ? [pid] : []));
  const untracked = quiet.flatMap(({ pid }) => (unproven.has(`?${pid}`) ? [] : [pid]));
  const verbs = (labels: readonly string[], one: string, many: string) => (labels.length === 1 ? one : many);
  const findings: Finding[] = [];
  if (untracked.length > 0)
    findings.push(
      warning(
        AREA,
        `${pids(untracked)} ${verbs(untracked, 'holds a chip and reports', 'hold a chip and report')} no memory`,
        'tracking may be turned off there: start it without TT_METAL_SHM_TRACKING_DISABLED=1, or with TT_ALLOC_TRACKING_ENABLED=1 and an allocation server',
      ),
    );
  if (doubtful.length > 0)
    findings.push(
      warning(
        AREA,
        `${pids(doubtful)} ${verbs(doubtful, 'holds', 'hold')} a chip; memory reported as ${named(doubtful.map((pid) => `?${pid}`))} is not proven to be of the same`,
        'an allocation server with its native part knows the PIDs of who reports: tt-allocation-server says at its start whether it has it',
      ),
    );
  return findings;
}

function isReported(bytes: ProcessChipView['bytes']): boolean {
  return Object.values(bytes).some((part) => part !== undefined);
}

function pids(labels: readonly string[]): string {
  return `${labels.length === 1 ? 'process' : 'processes'} ${named(labels)}`;
}

function named(labels: readonly string[]): string {
  const more = labels.length - MOST_NAMES;
  return `${labels.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
