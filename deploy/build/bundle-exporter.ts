import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import * as esbuild from 'esbuild';
import type { Plugin } from 'esbuild';

/**
 * Puts the modules of the exporter's program together, in the folder into which they were compiled: of some two hundred
 * files Node.js looks each up, which is a fifth of the time to the first page. What is loaded only where it is asked for
 * stays a file of its own, and packages stay what they are.
 */
export async function bundleExporter(out: string): Promise<void> {
  for (const entry of ['cli.js', 'io/lane-worker.js']) await bundle(join(out, entry));
}

/** Puts a file and all that it needs together in its folder, in its place and beside it. */
async function bundle(entry: string): Promise<void> {
  const folder = dirname(entry);
  await esbuild.build({
    // Its paths are seen from there: what is made does not tell where it was made.
    absWorkingDir: folder,
    entryPoints: [entry],
    outdir: folder,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    chunkNames: 'exporter-[hash]',
    packages: 'external',
    platform: 'node',
    format: 'esm',
    // As the compiler leaves it: readable.
    target: 'esnext',
    charset: 'utf8',
    logLevel: 'warning',
    plugins: [keepModuleUrls(folder)],
  });
}

/** A module finds other files by where it stood before, seen from the folder in which it is now. */
function keepModuleUrls(folder: string): Plugin {
  return {
    name: 'module-urls',
    setup(building) {
      building.onLoad({ filter: /\.js$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const own = JSON.stringify(`./${relative(folder, path)}`);
        return { contents: text.replaceAll('import.meta.url', `new URL(${own}, import.meta.url).href`), loader: 'js' };
      });
    },
  };
}
