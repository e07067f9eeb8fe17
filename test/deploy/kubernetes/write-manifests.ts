import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chartFiles, manifestFiles } from './manifest-files.ts';
import { CHART, MANIFESTS } from './places.ts';

async function writeAll(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, text] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

await rm(join(CHART, 'files'), { recursive: true, force: true });
await writeAll(CHART, await chartFiles());
const manifests = await manifestFiles();
await rm(MANIFESTS, { recursive: true, force: true });
await writeAll(MANIFESTS, manifests);
