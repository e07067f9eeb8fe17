import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchHost } from './bench-host.ts';
import { BUILT_PROGRAM, SOURCE_PROGRAM, startOurs } from './exporters/ours.ts';
import { measurePage, ScrapeClient } from './scrape.ts';

export interface FirstAnswers {
  /** Of each start: from the start of the process to the end of its first page. */
  readonly milliseconds: readonly number[];
  /** Which program it was. */
  readonly what: string;
}

/** Starts the built program (the source, where there is none) again and again, and scrapes it once. */
export async function measureFirstAnswers(host: BenchHost, times: number): Promise<FirstAnswers> {
  const built = existsSync(BUILT_PROGRAM);
  const milliseconds: number[] = [];
  while (milliseconds.length < times) {
    milliseconds.push(await firstAnswer(host, built ? BUILT_PROGRAM : SOURCE_PROGRAM));
  }
  if (!built) return { milliseconds, what: 'src, not built' };
  return { milliseconds, what: isOlderThanSource() ? 'dist, older than src' : 'dist' };
}

async function firstAnswer(host: BenchHost, script: string): Promise<number> {
  const program = await startOurs(host, { script });
  const client = new ScrapeClient(program.said);
  try {
    const { compressed } = await client.scrape();
    const milliseconds = performance.now() - program.startedAt;
    measurePage(compressed, host.leastSeries);
    return milliseconds;
  } finally {
    client.close();
    await program.end();
  }
}

function isOlderThanSource(): boolean {
  const source = join(SOURCE_PROGRAM, '..');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const built = statSync(BUILT_PROGRAM).mtimeMs;
  return files.some((file) => file.endsWith('.ts') && statSync(join(source, file)).mtimeMs > built);
}
