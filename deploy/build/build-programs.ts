import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { TOP } from './top.ts';

/** Makes the programs alone, unchecked, for whoever cannot wait for a promise. Throws where the source is wrong. */
export function buildPrograms(out: string): void {
  const build = join(TOP, 'deploy/build/main.ts');
  execFileSync(process.execPath, [build, `--out=${out}`, '--unchecked', '--programs'], { stdio: 'inherit' });
}
