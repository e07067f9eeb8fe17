/** `npm run demo`: the exporter in the foreground, on a simulated host with workloads that live, leak and die. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { FlagError } from '../flags/flag-error.ts';
import { parseListenAddress } from '../flags/listen-address.ts';
import type { ListenAddress } from '../flags/listen-address.ts';
import { startDemoHost } from './mixed-demo.ts';
import type { DemoHost } from './mixed-demo.ts';
import type { WorkloadOptions } from './workload.ts';

const DEFAULT_ADDRESS = ':10072';
const LISTEN_FLAG = '--web.listen-address';
/** The exporter ends within a second. */
const END_MILLISECONDS = 3000;

process.exitCode = await main(process.argv.slice(2));

async function main(flags: readonly string[]): Promise<number> {
  try {
    return await demonstrate(flags);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function demonstrate(flags: readonly string[]): Promise<number> {
  const addresses = listenAddresses(flags);
  for (const address of addresses) {
    if (await isTaken(address)) {
      console.error(
        `Something else listens on ${address.text}. Try another port: npm run demo -- ${LISTEN_FLAG}=:10073`,
      );
      return 1;
    }
  }
  const ended = new AbortController();
  // From now on, not from the exporter's start on: what is begun must be removed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      ended.abort();
    });
  }
  const demo = await startDemoHost();
  try {
    if (ended.signal.aborted) return 0;
    console.log(introduction(demo, addresses));
    return await runExporter(demo, flags, ended.signal);
  } finally {
    await demo.close();
  }
}

/** What the exporter will listen on: its own default where the flags do not say. */
function listenAddresses(flags: readonly string[]): ListenAddress[] {
  const texts = flags.flatMap((flag, i) => {
    if (flag.startsWith(`${LISTEN_FLAG}=`)) return [flag.slice(LISTEN_FLAG.length + 1)];
    return flag === LISTEN_FLAG ? (flags[i + 1] ?? []) : [];
  });
  return (texts.length === 0 ? [DEFAULT_ADDRESS] : texts).map(parseListenAddress);
}

async function isTaken(address: ListenAddress): Promise<boolean> {
  if (address.kind === 'unix') return false;
  const server = createServer();
  try {
    server.listen(address.port, address.host);
    await once(server, 'listening');
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  } finally {
    server.close();
  }
}

function introduction(demo: DemoHost, addresses: readonly ListenAddress[]): string {
  const lines = [
    'A simulated host with an n150, an n300 and a p150, in',
    `  ${demo.host.root}`,
    'with these processes:',
  ];
  for (const { pid, options } of demo.workloads) {
    lines.push(`  ${pid}  ${options.name.padEnd(13)} chips ${options.chips.join(', ')}  (${describe(options)})`);
  }
  lines.push(`  ${demo.killedPid}  pytest        killed: its bytes stay behind`, 'Look at');
  for (const address of addresses) lines.push(...examples(address));
  return [...lines, 'Ctrl-C ends all of it.', ''].join('\n');
}

function describe({ pattern, tracker }: WorkloadOptions): string {
  return `${pattern?.kind ?? ''}, ${tracker === 'server' ? 'reports to tt-allocation-server' : 'writes regions'}`;
}

function examples(address: ListenAddress): string[] {
  if (address.kind === 'unix') return [`  curl --unix-socket ${address.path} http://localhost/metrics`];
  const host = address.host === undefined || address.host === '0.0.0.0' ? 'localhost' : address.host;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  return [
    `  ${url}/`,
    `  curl -s ${url}/metrics | grep -E '^tt_(dram|l1)_allocated_bytes'`,
    `  curl -s ${url}/metrics | grep orphaned`,
    `  curl -s ${url}/metrics | grep -E '^tt_(live_buffers|peak_allocated|ended_process)'`,
    `  curl -s ${url}/metrics | grep -E '^tt_device_(temperature|power|clock)'`,
  ];
}

/** Runs it until it ends, or `ended` comes. Gives its exit code. */
async function runExporter(demo: DemoHost, flags: readonly string[], ended: AbortSignal): Promise<number> {
  const program = join(import.meta.dirname, '..', 'cli.ts');
  const exporter = spawn(process.execPath, [program, ...demo.host.flags(), ...flags], {
    env: { ...process.env, ...demo.host.faultsEnvironment() },
    stdio: 'inherit',
  });
  ended.addEventListener('abort', () => {
    exporter.kill('SIGTERM');
    setTimeout(() => exporter.kill('SIGKILL'), END_MILLISECONDS).unref();
  });
  const [code] = (await once(exporter, 'exit')) as [number | null];
  return code ?? 1;
}
