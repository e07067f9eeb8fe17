import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { HolderProcess } from '../../src/sources/source.ts';
import { mountNamespaceOf } from '../../src/sources/procfs/mount-namespace.ts';

export type TenantStep =
  /** Attaches to a region and allocates; `slotPid`: another number than its own. */
  | {
      readonly kind: 'region';
      readonly path: string;
      readonly chipId: string;
      readonly dram: number;
      readonly slotPid?: number;
    }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'swap'; readonly path: string; readonly target: string };

/** For tests that start tenants. */
export const TENANTS = {
  skip:
    process.getuid?.() === 0 && spawnSync('unshare', ['-m', '-p', '-i', '-f', '--mount-proc', 'true']).status === 0
      ? false
      : 'needs root and namespaces',
};

export const PRIVATE_SHM = 'mount -t tmpfs -o size=2g,mode=1777 tmpfs /dev/shm';

/** A FUSE filesystem whose server never answers, for as long as descriptor 9 is open. */
export function silentFuse(path: string): string {
  return `exec 9<>/dev/fuse && mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 none ${path}`;
}

/** A step that opens the region of a chip at its usual place. */
export function regionStep(chipId: bigint | number, dram: number, slotPid?: number): TenantStep {
  const path = `/dev/shm/tt_device_${chipId}_memory`;
  return { kind: 'region', path, chipId: `${chipId}`, dram, ...(slotPid === undefined ? {} : { slotPid }) };
}

/** A real process in PID, mount and IPC namespaces of its own: what a container is to the host. */
export class Tenant {
  /** As the host sees it; it sees itself as 1. */
  readonly pid: number;
  readonly #unshare: ChildProcess;

  constructor(pid: number, unshare: ChildProcess) {
    this.pid = pid;
    this.#unshare = unshare;
  }

  get holder(): HolderProcess {
    return holderOf(this.pid);
  }

  get mountNamespace(): number {
    const namespace = this.holder.mountNamespace;
    if (namespace === undefined) throw new Error(`${this.pid} has no mount namespace`);
    return namespace;
  }

  /** Has it take a step; resolves when that is done. */
  async take(step: TenantStep): Promise<void> {
    const { stdin, stdout } = this.#unshare;
    if (stdin === null || stdout === null) throw new Error('no pipes');
    const answer = once(stdout, 'data');
    stdin.write(`${JSON.stringify(step)}\n`);
    await answer;
  }

  /** SIGKILL, to all that is in its PID namespace. */
  async kill(): Promise<void> {
    if (this.#unshare.exitCode !== null || this.#unshare.signalCode !== null) return;
    const exit = once(this.#unshare, 'exit');
    this.#unshare.kill('SIGKILL');
    await exit;
    while (isThere(this.pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A real process as procfs would tell of it. */
export function holderOf(pid: number): HolderProcess {
  const path = `/proc/${pid}`;
  const text = readFileSync(`${path}/stat`, 'latin1');
  const startTicks = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
  return { path, pid, startTicks, mountNamespace: mountNamespaceOf(path) };
}

/**
 * Starts one whose /dev/shm `setup` makes (a shell script that runs in its namespaces), and that has taken these
 * steps.
 */
export async function startTenant(
  t: TestContext,
  steps: readonly TenantStep[] = [],
  setup = PRIVATE_SHM,
): Promise<Tenant> {
  const child = join(import.meta.dirname, 'tenant-child.ts');
  const script = `{ ${setup}; } && exec "$@"`;
  const command = ['sh', '-c', script, 'sh', process.execPath, child, JSON.stringify(steps)];
  const unshare = spawn('unshare', ['-m', '-p', '-i', '-f', '--kill-child', '--mount-proc', ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(unshare, 'exit').then(() => {
    throw new Error('the tenant ended before it was ready');
  });
  const ready = once(unshare.stdout, 'data');
  await Promise.race([ready, ended]);
  ended.catch(() => undefined);
  const pid = unshare.pid === undefined ? undefined : childOf(unshare.pid);
  if (pid === undefined) throw new Error('the tenant has no process');
  const tenant = new Tenant(pid, unshare);
  t.after(() => tenant.kill());
  return tenant;
}

function childOf(parent: number): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statusOf(name).includes(`\nPPid:\t${parent}\n`))
    .map(Number)[0];
}

function isThere(pid: number): boolean {
  const status = statusOf(`${pid}`);
  return status !== '' && !status.includes('\nState:\tZ');
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
