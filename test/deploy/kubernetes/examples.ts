import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifests } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { EXAMPLES } from './places.ts';
import { renderChart } from './renderer.ts';

/** The values of an example, and what the chart gives for them. */
export interface Example {
  /** `tls` */
  readonly name: string;
  /** The file's path. */
  readonly file: string;
  readonly manifests: readonly Manifest[];
}

/** Every example of deploy/kubernetes, rendered, by name. */
export async function renderExamples(): Promise<readonly Example[]> {
  const names = (await readdir(EXAMPLES)).sort();
  return Promise.all(
    names.map(async (name) => {
      const file = join(EXAMPLES, name);
      const manifests = parseManifests(await renderChart({ values: [file], namespace: 'tenstorrent' }));
      return { name: name.replace('.yaml', ''), file, manifests };
    }),
  );
}
