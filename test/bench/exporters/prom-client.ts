import { join } from 'node:path';
import type { BenchHost } from '../bench-host.ts';
import { startProgram } from '../program.ts';
import { exporterOf } from './exporter.ts';
import type { Exporter } from './exporter.ts';
import { peerReads } from './peer-reads.ts';

const SCRIPT = join(import.meta.dirname, '../peers/prom-client-peer.ts');

export async function promClientExporter(host: BenchHost, undo: AsyncDisposableStack): Promise<Exporter> {
  const program = await startProgram({
    command: process.execPath,
    args: [SCRIPT, host.files, host.socket, String(host.devices), String(host.processes)],
    ready: /listening (\d+)\n/,
  });
  undo.defer(program.end);
  const { leastSeries } = host;
  const url = `http://127.0.0.1:${program.said}/metrics`;
  return exporterOf(program, { name: 'prom-client', url, leastReads: peerReads(host), leastSeries });
}
