import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { promisify } from 'node:util';
import type { GoPeer } from './exporters/go.ts';
import { REVISION, VERSION } from '../../src/version.ts';

/** What was measured, with what and where, as lines of Markdown. */
export async function describeMachine(goPeer: GoPeer): Promise<string[]> {
  const [first] = cpus();
  const peers = [
    `Node ${process.version}`,
    `prom-client ${versionOf('prom-client')}`,
    goPeer.kind === 'built' ? `${goPeer.version} (client_golang ${await clientGolang()})` : 'no Go',
  ];
  return [
    `tenstorrent-exporter ${VERSION}${REVISION === '' ? '' : ` (${REVISION.slice(0, 10)})`}; ${peers.join('; ')}`,
    `${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, Linux ${release()}`,
  ];
}

/** Processes that want to run, as an average of the last minute: above the number of cores, times are too long. */
export function describeLoad(): string {
  const [lastMinute = NaN] = loadavg();
  return `load ${lastMinute.toFixed(1)} on ${cpus().length} cores`;
}

function versionOf(name: string): string {
  const text = readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Of Debian's package. */
async function clientGolang(): Promise<string> {
  const args = ['--show', '--showformat=${Version}', 'golang-github-prometheus-client-golang-dev'];
  return await promisify(execFile)('dpkg-query', args).then(
    ({ stdout }) => stdout,
    () => 'unknown',
  );
}
