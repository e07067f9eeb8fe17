import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { startProgram } from './program.ts';

/** What the peers read of each device: as many as client_golang's sibling has sensors. */
const FILES_A_DEVICE = 20;

/** A simulated host under load, with everything that an exporter or a peer reads. */
export interface BenchHost {
  /** The exporter's flags. */
  readonly flags: readonly string[];
  readonly devices: number;
  /** On each device. */
  readonly processes: number;
  /** The peers' working folder, with perf/files.txt and perf/uds2.sock. */
  readonly folder: string;
  /** Samples of each process's memory alone: a page with fewer shows that something was not read. */
  readonly leastSeries: number;
  readonly files: string;
  readonly socket: string;
}

/** Starts the servers of a host that is there, and lists the sensors for the peers. Everything ends with `undo`. */
export async function serveHost(
  host: SimulatedHost,
  { processes, folder }: Pick<BenchHost, 'processes' | 'folder'>,
  undo: AsyncDisposableStack,
): Promise<BenchHost> {
  const devices = host.cards.length;
  const files = join(folder, 'perf/files.txt');
  const socket = join(folder, 'perf/uds2.sock');
  await mkdir(join(folder, 'perf'), { recursive: true });
  await writeFile(files, `${host.cards.flatMap((_, card) => sensorFiles(host, card)).join('\n')}\n`);
  await serve('peers/echo-server.ts', [socket], undo);
  await serve('stock-server-program.ts', [host.socket, String(devices)], undo);
  const leastSeries = devices * processes * 5;
  return { flags: host.flags(), devices, processes, leastSeries, folder, files, socket };
}

/** Real attributes of a card, with a number in each. */
function sensorFiles(host: SimulatedHost, index: number): string[] {
  const card = host.card(index);
  const numeric = card.attributes.filter((attribute) => /^-?\d+$/.test(card.value(attribute) ?? ''));
  if (numeric.length < FILES_A_DEVICE) throw new Error(`card ${index} has only ${numeric.length} numeric attributes`);
  return numeric.slice(0, FILES_A_DEVICE).map((attribute) => card.path(attribute));
}

async function serve(script: string, args: readonly string[], undo: AsyncDisposableStack): Promise<void> {
  const path = join(import.meta.dirname, script);
  const program = await startProgram({ command: process.execPath, args: [path, ...args], ready: /listening (.*)\n/ });
  undo.defer(program.end);
}
