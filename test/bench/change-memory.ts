import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FIRST_LOAD_PID, LOAD_PID_STEP } from '../../src/simulator/galaxy-load.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { RegionWriter } from '../../src/simulator/region-writer.ts';

const TYPES = ['dram', 'l1', 'l1_small', 'trace', 'cb'] as const;

/**
 * Gives what makes every number of every process on a Galaxy under load another one than it was, by stores into mapped
 * regions: a write() would say with each that somebody may have attached. `folder`: for files of its own.
 */
export async function memoryChanger(
  host: SimulatedHost,
  { processes, folder }: { readonly processes: number; readonly folder: string },
  undo: AsyncDisposableStack,
): Promise<() => Promise<void>> {
  const program = join(folder, 'store-regions');
  const source = join(import.meta.dirname, 'store-regions.c');
  await promisify(execFile)('cc', ['-std=c11', '-O2', '-Wall', '-Werror', source, '-o', program]);
  const files = host.cards.flatMap((_, chip) => {
    const [now, then] = ['now', 'then'].map((when) => join(folder, `${when}-${chip}`)) as [string, string];
    for (const copy of [now, then]) copyFileSync(host.regionPath(chip), copy);
    allocate(then, host.chip(chip).chipId, chip, processes);
    return [host.regionPath(chip), now, then];
  });
  const child = spawn(program, files, { stdio: ['pipe', 'pipe', 'inherit'] });
  undo.defer(() => void child.kill());
  return async () => {
    child.stdin.write('.');
    await once(child.stdout, 'data');
  };
}

function allocate(region: string, chipId: bigint, deviceId: number, processes: number): void {
  const writer = RegionWriter.open(region, { version: 4, chipId, deviceId });
  for (let process = 0; process < processes; process++) {
    const pid = FIRST_LOAD_PID + LOAD_PID_STEP * process;
    for (const type of TYPES) writer.allocate(pid, type, 64);
  }
  writer.die();
}
