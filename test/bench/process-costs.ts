import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks of /proc/<pid>/stat: USER_HZ is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** The process and all that it started, as far as they live. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

/** CPU time of the processes in milliseconds: user and system, all threads. Resolution: 10 ms. */
export function cpuMilliseconds(pids: readonly number[]): number {
  return sum(pids, (pid) => {
    const fields = statFields(pid);
    return (Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0)) * TICK_MS;
  });
}

/** Resident memory of the processes in MiB, as the kernel counts it: shared pages count in each. */
export function residentMiB(pids: readonly number[]): number {
  return sum(pids, (pid) => procField(pid, 'status', /^VmRSS:\s+(\d+)/m)) / 1024;
}

/** The same with each shared page in equal parts to those that share it, of whatever program: what the host loses. */
export function proportionalMiB(pids: readonly number[]): number {
  return sum(pids, (pid) => procField(pid, 'smaps_rollup', /^Pss:\s+(\d+)/m)) / 1024;
}

/** Whether it is there, and not only as an entry that nobody has taken leave of. */
export function isRunning(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== 'Z';
}

/** How often the processes have called read() and its like since they started (linux: task_io_accounting). */
export function readCalls(pids: readonly number[]): number {
  return sum(pids, (pid) => procField(pid, 'io', /^syscr: (\d+)/m));
}

/** The field's number; 0 where the process is gone. */
function procField(pid: number, file: string, field: RegExp): number {
  return Number(field.exec(procFile(pid, file) ?? '')?.[1] ?? 0);
}

/** Fields of /proc/<pid>/stat from the third (state) on; undefined where the process is gone. */
function statFields(pid: number): string[] | undefined {
  const text = procFile(pid, 'stat');
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function procFile(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}

function sum(pids: readonly number[], amount: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + amount(pid), 0);
}
