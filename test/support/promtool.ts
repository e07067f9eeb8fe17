import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PromtoolResult {
  readonly exitCode: number | null;
  /** Both of its outputs. */
  readonly output: string;
}

/** `promtool check metrics`: parses a page of the text format and lints its names. Silent where all is well. */
export function checkMetrics(page: Uint8Array): Promise<PromtoolResult> {
  return promtool(['check', 'metrics'], page);
}

/** Has Prometheus's own OpenMetrics parser read a page. It takes samples with a time only, so each gets one. */
export async function readOpenMetrics(page: Uint8Array): Promise<PromtoolResult> {
  const folder = await mkdtemp(join(tmpdir(), 'openmetrics-'));
  try {
    const timed = new TextDecoder().decode(page).replace(/^[^#].*$/gmu, '$& 1790000000');
    await writeFile(join(folder, 'page'), timed);
    return await promtool(
      ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'page'), join(folder, 'blocks')],
      new Uint8Array(),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** `promtool test rules` on files of unit tests. */
export function testRules(...paths: readonly string[]): Promise<PromtoolResult> {
  return promtool(['test', 'rules', ...paths], new Uint8Array());
}

function promtool(args: readonly string[], input: Uint8Array): Promise<PromtoolResult> {
  const { promise, resolve, reject } = Promise.withResolvers<PromtoolResult>();
  const child = spawn('promtool', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const append = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', append);
  child.stderr.on('data', append);
  child.on('error', (cause) => {
    reject(
      new Error("promtool does not start: install Prometheus's tools (Debian: apt-get install prometheus)", { cause }),
    );
  });
  child.on('close', (exitCode) => {
    resolve({ exitCode, output });
  });
  // It may end without having read everything; its exit code says why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return promise;
}
