import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../eventually.ts';
import { debianRoot } from './debian-root.ts';

const run = promisify(execFile);

const BOOT = fileURLToPath(new URL('boot-machine.sh', import.meta.url));
const BOOT_SECONDS = 60;
const NAMESPACES = ['--mount', '--pid', '--uts', '--ipc', '--net', '--cgroup'];

export interface MachineMount {
  /** A folder of this host. */
  readonly source: string;
  /** Where the machine sees it, read-only. */
  readonly target: string;
}

/** A clean Debian that systemd has booted, in namespaces of its own: no container engine, no network. */
export interface Machine {
  /** Its systemd, as this host sees it. */
  readonly pid: number;
  /** A path of the machine, as this host sees it. */
  path(inside: string): string;
  /** Runs a command in it, and gives what it prints. Rejects where it fails, with what it said. */
  run(...command: readonly string[]): Promise<string>;
  /** A GET from inside. */
  get(url: string): Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Boots a machine. Needs root, and cgroup2 mounted somewhere. */
export async function startMachine(mounts: readonly MachineMount[] = []): Promise<Machine> {
  const root = await debianRoot();
  const work = mkdtempSync(join(tmpdir(), 'tt-machine-'));
  const cgroup = join(cgroupMount(), `tt-machine-${process.pid}-${Date.now()}`);
  mkdirSync(cgroup);
  const pairs = mounts.flatMap(({ source, target }) => [source, target]);
  const script = 'echo $$ > "$1/cgroup.procs" && shift && exec unshare "$@"';
  const args = [...NAMESPACES, '--fork', '--kill-child=KILL', '--', 'sh', BOOT, root, work, ...pairs];
  // It ends with this process, however that ends.
  const outer = ['--pdeathsig', 'KILL', 'sh', '-c', script, 'sh', cgroup, ...args];
  const child = spawn('setpriv', outer, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const stop = async (): Promise<void> => {
    await end(child);
    await removeCgroup(cgroup);
    rmSync(work, { recursive: true, force: true });
  };
  try {
    return { ...(await bootedMachine(child, () => said)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bootedMachine(child: ChildProcess, said: () => string): Promise<Omit<Machine, 'stop'>> {
  const running = (): void => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`systemd did not start: ${said()}`);
  };
  const pid = await eventually('systemd to start', () => {
    running();
    return systemdBelow(child.pid ?? 0);
  });
  const enter = ['--target', String(pid), ...NAMESPACES, '--', 'env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'];
  const inside = async (...command: readonly string[]): Promise<string> =>
    (await run('nsenter', [...enter, ...command])).stdout;
  await eventually(
    'systemd to be up',
    async () => {
      running();
      const answer = await run('nsenter', [...enter, 'systemctl', 'is-system-running']).catch(
        (error: unknown) => error,
      );
      return /^(?:running|degraded)/.test(Reflect.get(Object(answer), 'stdout') as string);
    },
    BOOT_SECONDS,
  );
  return {
    pid,
    path: (path) => `/proc/${pid}/root${path}`,
    run: inside,
    get: async (url) =>
      (await run('nsenter', ['--target', String(pid), '--net', 'curl', '--silent', '--fail', url])).stdout,
  };
}

/** The child of unshare, once it has become systemd. */
function systemdBelow(parent: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
    const isSystemd = readFileSync(`/proc/${children}/comm`, 'utf8') === 'systemd\n';
    return isSystemd ? Number(children) : undefined;
  } catch {
    return undefined;
  }
}

function cgroupMount(): string {
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  const [, folder] = /^\S+ (\S+) cgroup2 /m.exec(mounts) ?? [];
  if (folder === undefined)
    throw new Error('systemd needs cgroup2, which is not mounted: mount -t cgroup2 cgroup2 /sys/fs/cgroup');
  return folder;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // unshare takes its PID 1 along, and that the rest.
  child.kill('SIGKILL');
  await ended;
}

/** With the groups that systemd has made in it, as soon as their processes are gone. */
async function removeCgroup(folder: string): Promise<void> {
  await eventually('the machine to end', () => {
    try {
      removeFolders(folder);
      return true;
    } catch {
      return false;
    }
  });
}

function removeFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeFolders(join(folder, entry.name));
  }
  rmdirSync(folder);
}
