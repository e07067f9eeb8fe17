import { fileURLToPath } from 'node:url';
import type { BenchHost } from '../bench-host.ts';
import { startProgram } from '../program.ts';
import type { Program } from '../program.ts';
import { exporterOf } from './exporter.ts';
import type { Exporter } from './exporter.ts';

export const SOURCE_PROGRAM = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
export const BUILT_PROGRAM = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

export interface OursOptions {
  /** SOURCE_PROGRAM by default. */
  readonly script?: string;
  /** For the reader, too: it inherits them. */
  readonly nodeFlags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Done before each scrape. */
  readonly prepare?: () => Promise<void>;
}

/** Starts the exporter as users do, with the reader in a process of its own. `said` is the page's address. */
export function startOurs(host: BenchHost, options: OursOptions = {}): Promise<Program> {
  const { script = SOURCE_PROGRAM, nodeFlags = [], environment = {} } = options;
  return startProgram({
    command: process.execPath,
    args: [...nodeFlags, script, '--web.listen-address=127.0.0.1:0', ...host.flags],
    ready: /msg=listening .*url=(\S+)/,
    environment,
  });
}

export async function ourExporter(
  host: BenchHost,
  undo: AsyncDisposableStack,
  options: OursOptions = {},
): Promise<Exporter> {
  const program = await startOurs(host, options);
  undo.defer(program.end);
  // A file for each sensor, a region for each device, several files for each process; all of it is read anew.
  const leastReads = 20 * host.devices + host.devices + host.processes;
  const { leastSeries } = host;
  const { prepare } = options;
  const exporter = { name: 'tenstorrent-exporter', url: program.said, leastReads, leastSeries };
  return exporterOf(program, prepare === undefined ? exporter : { ...exporter, prepare });
}
