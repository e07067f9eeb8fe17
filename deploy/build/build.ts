import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleExporter } from './bundle-exporter.ts';
import { TOP } from './top.ts';

export interface BuildOptions {
  readonly isChecked: boolean;
  /** Whether types are written, for those who use the library. */
  readonly hasTypes: boolean;
}

/** Makes what is installed from the source, in a folder of which nothing else remains. Throws where the source is wrong. */
export async function build(out: string, { isChecked, hasTypes }: BuildOptions): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  const tsc = [join(TOP, 'node_modules/typescript/bin/tsc'), '-p', join(TOP, 'tsconfig.build.json'), '--outDir', out];
  if (!isChecked) tsc.push('--noCheck');
  if (!hasTypes) tsc.push('--declaration', 'false');
  execFileSync(process.execPath, tsc, { stdio: 'inherit' });
  await bundleExporter(out);
}
