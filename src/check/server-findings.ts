import { cardsByHolder } from '../join/own-numbers.ts';
import { holdsMemory } from '../snapshot/memory-types.ts';
import { absent, count, firstOf, ok, sourceFindings, warning } from './finding.ts';
import type { CheckFacts, Finding, SourceFacts } from './types.ts';

const AREA = 'allocation_server';
const SEES_TOO_LITTLE =
  "usual right after a process has started; if it stays, the exporter must see who has which card open: in the host's PID namespace, with driver 2.7 or newer";

/** Whether there is an allocation server, what it speaks, and what was wrong with its answers. */
export function serverFindings({ sources, paths, unresolved }: CheckFacts): Finding[] {
  const state = sources.allocationServer;
  const findings = sourceFindings(AREA, state);
  if (state?.outcome === 'no_data') {
    findings.push(
      absent(
        AREA,
        `no server at ${paths.socket}`,
        'needed only for workloads that report to one: tt-allocation-server',
      ),
    );
  }
  const reading = state?.data;
  if (reading?.status !== 'up' || state?.outcome !== 'ok') return findings;
  const { dialect, extension, devices } = reading;
  const detail =
    extension === undefined
      ? 'totals of chips only, not of processes'
      : `with numbers of processes (extension ${extension})`;
  // It is asked about as many as a stock server can have, and says zeros of those that are not there.
  const chips = dialect === 'A' ? 'of how many chips it does not say' : count(devices.length, 'chip');
  findings.push(ok(AREA, `answers in dialect ${dialect ?? 'unknown'}, ${detail}; ${chips}`));
  findings.push(
    ...firstOf(
      unresolved.map((message, at) => warning(AREA, message, at === 0 ? SEES_TOO_LITTLE : undefined)),
      (more) => warning(AREA, `${more} more like these`),
    ),
  );
  if (extension === undefined && devices.some(({ totals }) => holdsMemory(totals))) {
    findings.push(...mixedNumbers(sources));
  }
  return findings;
}

/** Who counts only some of the host's chips: where only totals are told, nobody can tell them apart from others. */
function mixedNumbers({ sysfs, procfs }: SourceFacts): Finding[] {
  const cards = (sysfs?.data?.cards ?? []).filter(({ driverIndex }) => driverIndex !== undefined);
  const holders = [...cardsByHolder(cards, procfs?.data)];
  // The first ones have the same numbers on the host.
  const counting = holders.filter(([, open]) => open.some((card, at) => card !== cards[at]));
  if (counting.length === 0) return [];
  const first = counting.slice(0, 3).map(([pid]) => `${pid}`);
  const more = counting.length > first.length ? ', …' : '';
  return [
    warning(
      AREA,
      `${count(counting.length, 'process')} with only some of the ${count(cards.length, 'chip')} (${first.join(', ')}${more}) may call others by the same numbers, and the server adds them up`,
      'tt-allocation-server tells processes apart: their memory is then shown at the chips that they hold',
    ),
  ];
}
