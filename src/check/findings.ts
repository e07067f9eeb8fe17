import { addressFindings, clockFindings, fileFindings } from './config-findings.ts';
import { deviceFindings } from './device-findings.ts';
import { kubernetesFindings, processFindings } from './process-findings.ts';
import { regionFindings } from './region-findings.ts';
import { serverFindings } from './server-findings.ts';
import type { CheckFacts, Finding } from './types.ts';

/** Everything that there is to say about a host, area by area. */
export function findingsOf(facts: CheckFacts): Finding[] {
  return [
    ...deviceFindings(facts),
    ...regionFindings(facts),
    ...serverFindings(facts),
    ...processFindings(facts),
    ...kubernetesFindings(facts),
    ...clockFindings(facts),
    ...addressFindings(facts),
    ...fileFindings(facts),
  ];
}
