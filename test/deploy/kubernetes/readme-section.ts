import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from './places.ts';

/** What the README says of Kubernetes. */
export interface ReadmeSection {
  readonly section: string;
  /** Its scrape configuration. */
  readonly scraping: string;
  /** The part of a pod that reports to the allocation server. */
  readonly reporting: string;
}

export async function readmeSection(): Promise<ReadmeSection> {
  const readme = await readFile(join(REPOSITORY, 'README.md'), 'utf8');
  const section = /\n## Kubernetes\n(.*?)\n## /s.exec(readme)?.[1] ?? '';
  const [scraping = '', reporting = ''] = [...section.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);
  return { section, scraping, reporting };
}
