import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import * as esbuild from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';

/**
 * Puts the modules of the exporter's program together, in the folder into which they were compiled: of some two hundred
 * files Node.js looks each up, which is a fifth of the time to the first page. What is loaded only where it is asked for
 * stays a file of its own, and packages stay what they are.
 */
export async function bundleExporter(out: string): Promise<void> {
  const common: BuildOptions = {
    absWorkingDir: out,
    outdir: out,
    allowOverwrite: true,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    // As the compiler leaves it: readable.
    target: 'esnext',
    charset: 'utf8',
    logLevel: 'warning',
    plugins: [keepModuleUrls(out)],
  };
  // All files beside each other, so that what a module knows as its own place is the same in each.
  await esbuild.build({ ...common, entryPoints: ['cli.js'], splitting: true, chunkNames: 'exporter-[hash]' });
  await esbuild.build({ ...common, entryPoints: ['io/lane-worker.js'], outbase: out });
}

/** A module finds other files by where it stood before. */
function keepModuleUrls(out: string): Plugin {
  return {
    name: 'module-urls',
    setup(building) {
      building.onLoad({ filter: /\.js$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const own = JSON.stringify(`./${relative(out, path)}`);
        return { contents: text.replaceAll('import.meta.url', `new URL(${own}, import.meta.url).href`), loader: 'js' };
      });
    },
  };
}
