/*
 * The first process of a container that a test starts: makes regions and holds them until its standard input ends.
 * Argument: steps as JSON. Further lines of its input are steps too; each is answered by a line.
 */
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { RegionWriter } from '../../src/simulator/region-writer.ts';
import type { TenantStep } from './tenant.ts';

const writers: RegionWriter[] = [];

function take(step: TenantStep): void {
  switch (step.kind) {
    case 'region': {
      const writer = RegionWriter.open(step.path, { version: 4, chipId: BigInt(step.chipId), deviceId: 0 });
      const pid = step.slotPid ?? process.pid;
      writer.attach(pid, 'tenant');
      writer.allocate(pid, 'dram', step.dram);
      writers.push(writer);
      return;
    }
    case 'remove':
      rmSync(step.path);
      return;
    case 'swap':
      swap(step.path, step.target);
  }
}

/** For ever: now the file is a region, now a link to another one. */
function swap(path: string, target: string): void {
  const other = `${path}.new`;
  const turn = () => {
    for (let times = 0; times < 50; times++) {
      writeFileSync(other, '');
      renameSync(other, path);
      symlinkSync(target, other);
      renameSync(other, path);
    }
    setImmediate(turn);
  };
  turn();
}

for (const step of JSON.parse(process.argv[2] ?? '[]') as TenantStep[]) take(step);
console.log('ready');
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  take(JSON.parse(line) as TenantStep);
  console.log('done');
});
lines.on('close', () => process.exit());
