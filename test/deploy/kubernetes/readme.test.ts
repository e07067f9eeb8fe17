import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { parseCommandLine } from '../../../src/flags/parse.ts';
import { NAMESPACE } from './manifest-files.ts';
import { containerOf, parseManifests, podOf } from './manifest.ts';
import { MANIFESTS } from './places.ts';
import { readmeSection } from './readme-section.ts';

const { section: SECTION, scraping: SCRAPING } = await readmeSection();

it('Prometheus takes the scrape configuration, which keeps the port that the pods have', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scraping-'));
  try {
    const file = join(folder, 'prometheus.yml');
    // Debian's Prometheus has no discovery in Kubernetes.
    const found = SCRAPING.replace(/kubernetes_sd_configs: .*/, "static_configs: [{ targets: ['10.0.0.1:10072'] }]");
    await writeFile(file, `scrape_configs:\n${found}`);
    const { stdout } = await promisify(execFile)('promtool', ['check', 'config', file]);
    assert.match(stdout, /SUCCESS/);
  } finally {
    await rm(folder, { recursive: true });
  }
  const [{ relabel_configs: [keep] = [], kubernetes_sd_configs: [discovery] = [] } = {}] = parse(
    SCRAPING,
  ) as ScrapeConfig[];
  assert.equal(keep?.regex, 'tenstorrent-exporter;metrics');
  assert.deepEqual(discovery?.namespaces.names, [NAMESPACE]);
});

it('files and flags that it names are there', async () => {
  for (const [, name = ''] of SECTION.matchAll(/`([a-z-]+\.yaml)`/g)) await access(join(MANIFESTS, name));
  const command = /-- tenstorrent-exporter (smi .*?)\n```/s.exec(SECTION)?.[1]?.split(/[\s\\]+/) ?? [];
  const { settings } = parseCommandLine(command);
  const text = await readFile(join(MANIFESTS, 'exporter.yaml'), 'utf8');
  const reader = parseCommandLine(containerOf(podOf(parseManifests(text)), 'reader').args ?? []).settings;
  assert.deepEqual(
    [settings.sysfsPath, settings.procfsPath, settings.shmPath],
    [reader.sysfsPath, reader.procfsPath, reader.shmPath],
  );
  assert.match(text, /image: registry\.example\.com\//);
});

interface ScrapeConfig {
  readonly kubernetes_sd_configs?: readonly { readonly namespaces: { readonly names: readonly string[] } }[];
  readonly relabel_configs?: readonly { readonly regex?: string }[];
}
