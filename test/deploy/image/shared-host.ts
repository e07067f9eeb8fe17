import { chmodSync } from 'node:fs';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import type { Mount } from '../../support/docker/containers.ts';

/** A simulated host's folder at the same path in a container, which may not write there. */
export function sameMount({ root }: SimulatedHost): Mount {
  return { source: root, target: root, mode: 'ro' };
}

/** Lets other users into its folder, as everybody may look into a host's /sys. */
export function readableFor({ root }: SimulatedHost): void {
  chmodSync(root, 0o755);
}
