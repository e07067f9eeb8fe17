import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { apiProblems } from './api-check.ts';
import { chartFiles, manifestFiles } from './manifest-files.ts';
import { parseManifests, podOf, theOnly } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { CHART, EXAMPLES, MANIFESTS } from './places.ts';
import { readmeSection } from './readme-section.ts';
import { renderChart } from './renderer.ts';

/** The API refuses larger ConfigMaps, and a client that keeps what it applied last larger annotations. */
const MAX_ANNOTATION = 262_144;
const MAX_SECRET = 2 ** 20;

it('the plain manifests are what the chart gives', async () => {
  assert.deepEqual(notAsMade(await readFolder(MANIFESTS), await manifestFiles()), []);
});

it("the chart's rules and dashboards are those of this repository", async () => {
  const carried = {
    ...(await readFolder(join(CHART, 'files/alerts'), 'files/alerts/')),
    ...(await readFolder(join(CHART, 'files/dashboards'), 'files/dashboards/')),
  };
  assert.deepEqual(notAsMade(carried, await chartFiles()), []);
});

it('of files that are not as they are made, their names are said, and how to make them', () => {
  const made = new Map([
    ['same', 'a'],
    ['missing', 'b'],
    ['changed', 'c'],
  ]);
  assert.deepEqual(notAsMade({ same: 'a', changed: 'x', 'left over': 'd' }, made), [
    'changed is not as it is made: npm run generate',
    'left over is not made any more: npm run generate',
    'missing is missing: npm run generate',
  ]);
});

it('the API takes every manifest of the plain files and of each example to the last field', async () => {
  const rendered = await Promise.all((await examples()).map((values) => renderChart({ values: [values] })));
  const texts = [...Object.values(await readFolder(MANIFESTS)), ...rendered];
  assert.deepEqual(await apiProblems(texts.flatMap(parseManifests)), []);
});

/** What is right, what is made of it, and what is said of that. */
const FAULTS: readonly (readonly [string, string, RegExp])[] = [
  ['hostPID: true', 'hostPid: true', /'"hostPid"'/],
  ['readOnlyRootFilesystem: true', 'readonlyRootFilesystem: true', /'"readonlyRootFilesystem"'/],
  ['recursiveReadOnly: IfPossible', 'recursiveReadonly: IfPossible', /'"recursiveReadonly"'/],
  ['maxUnavailable: 10%', 'maxUnavailible: 10%', /'"maxUnavailible"'/],
  ['containerPort: 10072', "containerPort: '10072'", /'string' is not assignable to type 'number'/],
  ['type: Unconfined', 'type: unconfined', /"unconfined"/],
  ['scrapeTimeout: 10s', 'scrapeTimeOut: 10s', /'"scrapeTimeOut"'/],
  ['interval: 15s', 'interval: 15 s', /interval must match pattern/],
  ['memory: 256Mi', 'memory: 256MiB', /memory must match/],
  ['preemptionPolicy: Never', 'preemptionPolicyy: Never', /'"preemptionPolicyy"'/],
  ['clusterIP: None', 'clusterIp: None', /'"clusterIp"'/],
  ['policyTypes:', 'policyType:', /'"policyType"'/],
  ['record: ', 'recrod: ', /'"recrod"'/],
];

it('the API would not take a manifest with a fault, wherever it is', async () => {
  const text = await renderChart({ values: [join(EXAMPLES, 'prometheus-operator.yaml')] });
  const manifests = parseManifests(text);
  const faulty = FAULTS.flatMap(([right, wrong]) => {
    assert.ok(text.includes(right), right);
    return parseManifests(text.replace(right, wrong)).filter((one, index) => !isDeepStrictEqual(one, manifests[index]));
  });
  assert.equal(faulty.length, FAULTS.length);
  const problems = (await apiProblems(faulty)).join('\n');
  for (const [, wrong, complaint] of FAULTS) assert.match(problems, complaint, wrong);
  const watch = parseManifests(text.replace('kind: ServiceMonitor', 'kind: ServiceWatch'));
  assert.match((await apiProblems(watch)).join('\n'), /ServiceWatch/);
});

it('the API takes the pod of the README, which mounts the folder of the allocation server', async () => {
  const { reporting } = await readmeSection();
  const { spec } = parse(reporting) as { readonly spec: { readonly containers: readonly object[] } };
  const containers = spec.containers.map((container) => ({ image: 'serve', ...container }));
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'serve' }, spec: { ...spec, containers } };
  assert.deepEqual(await apiProblems([pod]), []);
  const text = await readFile(join(MANIFESTS, 'exporter-with-allocation-server.yaml'), 'utf8');
  const [volume] = podOf(parseManifests(text), '-server').volumes ?? [];
  assert.ok(reporting.includes(`hostPath: { path: ${volume?.hostPath?.path ?? ''}, type: Directory }`));
});

it('rules and dashboards arrive unchanged', async () => {
  const manifests = parseManifests(await renderChart({ values: [join(EXAMPLES, 'prometheus-operator.yaml')] }));
  const rules = Object.values(await readFolder(join(CHART, 'files/alerts'))).map((text) => parse(text) as RuleFile);
  const rule = theOnly<Manifest & { readonly spec: RuleFile }>(manifests, 'PrometheusRule');
  assert.deepEqual(rule.spec.groups.toSorted(byName), rules.flatMap(({ groups }) => groups).toSorted(byName));

  const configMaps = manifests.filter((one): one is Manifest & ConfigMap => one.kind === 'ConfigMap');
  const dashboards = Object.assign({}, ...configMaps.map(({ data }) => data)) as Record<string, string>;
  const files = await readFolder(join(CHART, 'files/dashboards'), 'tenstorrent-');
  assert.deepEqual(
    dashboards,
    mapValues(files, (text) => text.trimEnd()),
  );
});

it('no object is too large to be applied, and a release not to be kept', async () => {
  const text = (await readFolder(MANIFESTS))['grafana-dashboards.yaml'] ?? '';
  for (const manifest of parseManifests(text)) {
    assert.ok(JSON.stringify(manifest).length < MAX_ANNOTATION, manifest.metadata.name);
  }
  // Helm keeps chart and manifests in a Secret: JSON in gzip in base64, which the API encodes once more.
  const release = JSON.stringify(
    [...(await chartFiles()), text].map((part) => Buffer.from(String(part)).toString('base64')),
  );
  const kept = gzipSync(release).toString('base64');
  assert.ok(Buffer.from(kept).toString('base64').length < MAX_SECRET / 2);
});

it('before Kubernetes 1.30 AppArmor is told by an annotation, and mounts below mounts are left alone', async () => {
  const text = await renderChart({ values: [join(EXAMPLES, 'plain.yaml')], kubeVersion: 'v1.29.4' });
  assert.match(text, /container\.apparmor\.security\.beta\.kubernetes\.io\/reader: unconfined\n/);
  assert.doesNotMatch(text, /appArmorProfile|recursiveReadOnly/);
});

interface RuleFile {
  readonly groups: readonly { readonly name: string }[];
}

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>;
}

async function examples(): Promise<string[]> {
  return (await readdir(EXAMPLES)).sort().map((name) => join(EXAMPLES, name));
}

async function readFolder(folder: string, prefix = ''): Promise<Record<string, string>> {
  const entries = (await readdir(folder)).map(
    async (name) => [`${prefix}${name}`, await readFile(join(folder, name), 'utf8')] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Names of files that differ, not their texts: these are long. */
function notAsMade(files: Readonly<Record<string, string>>, made: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...Object.keys(files), ...made.keys()])].sort();
  return names
    .filter((name) => files[name] !== made.get(name))
    .map((name) => {
      const what = files[name] === undefined ? 'missing' : made.has(name) ? 'not as it is made' : 'not made any more';
      return `${name} is ${what}: npm run generate`;
    });
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function mapValues(record: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, text]) => [key, change(text)]));
}
