import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchHost } from '../bench-host.ts';
import { startProgram } from '../program.ts';
import { exporterOf } from './exporter.ts';
import type { Exporter } from './exporter.ts';
import { peerReads } from './peer-reads.ts';

const SOURCE = join(import.meta.dirname, '../peers/go-peer-io/main.go');
const HOW_TO_GET_IT =
  'on Debian: apt-get install --no-install-recommends golang-go golang-github-prometheus-client-golang-dev';

/** The Go peer's program, or why there is none. */
export type GoPeer =
  | { readonly kind: 'built'; readonly path: string; readonly version: string }
  | { readonly kind: 'missing'; readonly why: string };

/** Builds the peer with Debian's packages of Go into the folder. */
export async function buildGoPeer(folder: string): Promise<GoPeer> {
  const run = promisify(execFile);
  const path = join(folder, 'go-peer');
  const environment = { HOME: folder, ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };
  try {
    const { stdout } = await run('go', ['version']);
    await run('go', ['build', '-o', path, SOURCE], { env: environment });
    return { kind: 'built', path, version: stdout.replace('go version ', '').trim() };
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const what = absent ? 'Go is not installed' : `The Go peer cannot be built (${firstLine(error)})`;
    return { kind: 'missing', why: `${what}; ${HOW_TO_GET_IT}` };
  }
}

export async function goExporter(
  host: BenchHost,
  peer: GoPeer & { readonly kind: 'built' },
  undo: AsyncDisposableStack,
): Promise<Exporter> {
  const program = await startProgram({
    command: peer.path,
    args: ['-d', String(host.devices), '-p', String(host.processes)],
    ready: /listening (\S+)\n/,
    folder: host.folder,
  });
  undo.defer(program.end);
  const { leastSeries } = host;
  const url = `http://${program.said}/metrics`;
  return exporterOf(program, { name: 'Go', url, leastReads: peerReads(host), leastSeries });
}

function firstLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? text;
}
