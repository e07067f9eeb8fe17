import { absent, count, ok, sourceFindings } from './finding.ts';
import type { CheckFacts, Finding } from './types.ts';

const AREA = 'allocation_server';

/** Whether there is an allocation server, what it speaks, and what was wrong with its answers. */
export function serverFindings({ sources: { allocationServer: state }, paths }: CheckFacts): Finding[] {
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
  return findings;
}
