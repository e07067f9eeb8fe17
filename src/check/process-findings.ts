import { absent, count, failed, ok, sourceFindings, warning } from './finding.ts';
import type { CheckFacts, Finding } from './types.ts';

const AREA = 'procfs';

const RIGHTS: Readonly<Record<string, readonly [summary: string, advice: string]>> = {
  host_pid_namespace: [
    "this is not the host's PID namespace: processes outside are not seen",
    'run in it: hostPID: true in Kubernetes, --pid=host in Docker',
  ],
  CAP_SYS_PTRACE: [
    'CAP_SYS_PTRACE is missing: who maps a region cannot be seen, so nobody can be proven gone',
    'run as root, or give the capability (AmbientCapabilities= of systemd, capabilities.add in Kubernetes)',
  ],
  CAP_DAC_READ_SEARCH: [
    "CAP_DAC_READ_SEARCH is missing: other users' regions and descriptors cannot be read",
    'run as root, or give the capability (AmbientCapabilities= of systemd, capabilities.add in Kubernetes)',
  ],
};

/** Who can be seen, and which rights are missing. */
export function processFindings({ sources: { procfs: state }, view, paths }: CheckFacts): Finding[] {
  const findings = sourceFindings(AREA, state);
  if (state === undefined) return findings;
  if (state.outcome === 'no_data')
    findings.push(failed(AREA, `${paths.procfs} is no procfs`, 'mount one, or give --path.procfs'));
  const missing = state.data?.missingRights ?? [];
  for (const right of missing) {
    const [summary, advice] = RIGHTS[right] ?? [`${right} is missing`, undefined];
    findings.push(warning(AREA, summary, advice));
  }
  if (state.outcome !== 'ok' || state.data === undefined) return findings;
  findings.push(ok(AREA, `${count(state.data.processes.size, 'process')} with a chip or a region`));
  const blind = view.chips.filter(({ pciAddress, holders }) => pciAddress !== undefined && holders === undefined);
  if (blind.length > 0 && view.driverVersion !== undefined) {
    findings.push(
      warning(
        AREA,
        `who holds ${count(blind.length, 'chip')} is not told by driver ${view.driverVersion}`,
        'driver 2.5.0 and later do',
      ),
    );
  }
  if (missing.length === 0) findings.push(ok(AREA, 'every right that is needed to see all of them'));
  return findings;
}

/** Names of pods, where there is a kubelet. */
export function kubernetesFindings({ sources: { kubernetes: state } }: CheckFacts): Finding[] {
  const findings = sourceFindings('kubernetes', state);
  if (state?.outcome === 'no_data') findings.push(absent('kubernetes', 'no log folders of a kubelet'));
  if (state?.outcome !== 'ok' || state.data === undefined) return findings;
  const pods = state.data.podLogs?.pods.size;
  if (pods !== undefined) findings.push(ok('kubernetes', `${count(pods, 'pod')} known by name`));
  if (state.data.podResources !== undefined)
    findings.push(ok('kubernetes', 'the kubelet tells which pods have which chips'));
  return findings;
}
