import type { BenchHost } from '../bench-host.ts';

/** What a peer reads for a scrape: 20 files and 2 messages a device, a file for each process. */
export function peerReads({ devices, processes }: BenchHost): number {
  return 20 * devices + 2 * devices + processes;
}
