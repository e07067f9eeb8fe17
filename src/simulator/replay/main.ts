/** `npm run simulate -- --bundle=FILE`: lays out the host of a bundle, and says how to look at it. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BundleError } from './read-bundle.ts';
import { startReplay } from './replay-host.ts';
import type { ReplayHost } from './replay-host.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'cli.ts');

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const file = bundleOf(args);
  if (file === undefined) {
    console.error('Give one bundle: npm run simulate -- --bundle=FILE');
    return 1;
  }
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      ended.abort();
    });
  }
  const host = await open(file);
  if (host === undefined) return 1;
  console.log(introduction(file, host));
  // Keeps the program running where no server does.
  const running = setInterval(() => undefined, 2 ** 30);
  if (!ended.signal.aborted) await once(ended.signal, 'abort');
  clearInterval(running);
  await host.close();
  return 0;
}

function bundleOf(args: readonly string[]): string | undefined {
  const [first = '', second] = args;
  if (args.length === 1 && first.startsWith('--bundle=')) return first.slice('--bundle='.length);
  return args.length === 2 && first === '--bundle' ? second : undefined;
}

async function open(file: string): Promise<ReplayHost | undefined> {
  try {
    return await startReplay(readFileSync(file));
  } catch (error) {
    const known = error instanceof BundleError || (error instanceof Error && 'code' in error);
    if (!known) throw error;
    console.error(`${file}: ${error.message}`);
    return undefined;
  }
}

function introduction(file: string, { root, flags, environment }: ReplayHost): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}='${value}'`);
  return [
    `The host of ${file}, as it was, in`,
    `  ${root}`,
    'The exporter on it, with the errors that were met then:',
    `  ${[...variables, process.execPath, PROGRAM, ...flags].join(' \\\n    ')}`,
    'smi, top and check take the same flags. Ctrl-C removes it.',
    '',
  ].join('\n');
}
