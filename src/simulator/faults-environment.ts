import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Environment for a program that is to meet the faults in a file: it and what it forks load faults-preload.ts. */
export function faultsEnvironment(faultsPath: string): Record<string, string> {
  const preload = pathToFileURL(join(import.meta.dirname, 'faults-preload.ts')).href;
  return { NODE_OPTIONS: `--import=${preload}`, TT_SIMULATOR_FAULTS: faultsPath };
}
