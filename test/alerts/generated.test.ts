import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { formatDuration, multiply, parseDuration } from '../../alerts/generator/durations.ts';
import { ruleFiles } from '../../alerts/generator/rule-files.ts';
import { parseThresholds } from '../../alerts/generator/thresholds.ts';
import { ALERTS_FOLDER, readGroups } from './rule-set.ts';

const run = promisify(execFile);
const thresholdsText = await readFile(join(ALERTS_FOLDER, 'thresholds.yaml'), 'utf8');

test('the committed rules are what the thresholds make', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
  try {
    await run(process.execPath, [join(ALERTS_FOLDER, 'generator', 'main.ts'), `--out=${folder}`]);
    const names = (await readdir(ALERTS_FOLDER)).filter((name) => name.endsWith('.yml'));
    for (const name of [...names, 'rules.json', join('kubernetes', 'prometheus-rule.yaml')]) {
      assert.equal(
        await readFile(join(ALERTS_FOLDER, name), 'utf8'),
        await readFile(join(folder, name), 'utf8'),
        `${name}: npm run generate`,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the address of the runbooks can be given, and has to have a place for the name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
  const make = (address: string) =>
    run(process.execPath, [join(ALERTS_FOLDER, 'generator', 'main.ts'), `--out=${folder}`, `--runbook-url=${address}`]);
  try {
    await make('https://wiki/{name}?raw');
    const devices = await readFile(join(folder, 'devices.yml'), 'utf8');
    const addresses = [...devices.matchAll(/runbook_url: (\S+)/gu)].map(([, address]) => address);
    assert.ok(addresses.includes('https://wiki/TenstorrentThermalTrip?raw'));
    assert.ok(addresses.every((address) => address?.startsWith('https://wiki/Tenstorrent')));
    await assert.rejects(make('https://wiki/'), /has no \{name\}: https:\/\/wiki\//u);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('Prometheus takes the rules without a warning', async () => {
  const names = (await readdir(ALERTS_FOLDER)).filter((name) => name.endsWith('.yml'));
  const { stdout, stderr } = await run('promtool', [
    'check',
    'rules',
    ...names.map((name) => join(ALERTS_FOLDER, name)),
  ]);
  assert.equal(stderr, '');
  assert.equal(stdout.match(/SUCCESS/gu)?.length, names.length, stdout);
});

test('the mixin and the PrometheusRule have the same groups', async () => {
  const { stdout } = await run('jsonnet', ['-e', `(import '${join(ALERTS_FOLDER, 'mixin.libsonnet')}')`]);
  const mixin = JSON.parse(stdout) as { prometheusAlerts: { groups: object[] }; prometheusRules: { groups: object[] } };
  const { parse } = await import('yaml');
  const rule = parse(await readFile(join(ALERTS_FOLDER, 'kubernetes', 'prometheus-rule.yaml'), 'utf8')) as {
    spec: { groups: { name: string }[] };
  };
  const groups = await readGroups();
  assert.deepEqual(
    [...mixin.prometheusAlerts.groups, ...mixin.prometheusRules.groups].map((group) => JSON.stringify(group)).sort(),
    groups.map((group) => JSON.stringify(sorted(group))).sort(),
  );
  assert.deepEqual([...rule.spec.groups].sort(byName), [...groups].sort(byName));
});

test('every on and by begins with cluster, job, instance, and no rule names one', async () => {
  for (const { rules } of await readGroups()) {
    for (const { alert, record, expr } of rules) {
      for (const [all, labels = ''] of expr.matchAll(/\b(?:on|by|ignoring|without) \(([^)]*)\)/gu)) {
        assert.doesNotMatch(all, /ignoring|without/u, expr);
        // Fleets are looked at over hosts, and a chip can be shown by another target of its job.
        const fleet = alert === 'TenstorrentFleetBlind' || record === 'instance:tt_exporter_blind:count';
        assert.match(labels, fleet ? /^cluster, job\b/u : /^cluster, job, instance\b/u, expr);
      }
      assert.doesNotMatch(expr, /\b(?:cluster|job|instance)\s*(?:=|!=|=~|!~)\s*"/u, expr);
    }
  }
});

test('thresholds that are missing, misspelt or of the wrong kind are named', () => {
  const made = (text: string) => () => ruleFiles(parseThresholds(text));
  assert.throws(made(thresholdsText.replace('  driftShare: 0.02\n', '')), /no unattributed\.driftShare/u);
  assert.throws(made(thresholdsText.replace('driftShare: 0.02', 'driftShare: two')), /driftShare .* must be a number/u);
  assert.throws(made(`${thresholdsText}\nunattributted: { for: 5m }`), /no rule uses .*unattributted\.for/u);
  assert.throws(made(thresholdsText.replace('for: 3m', 'for: 3 minutes')), /"3 minutes" is no duration/u);
});

test('durations are read and written as Prometheus does', () => {
  assert.deepEqual(['30s', '5m', '1h30m', '1d', '1w'].map(parseDuration), [30, 300, 5400, 86_400, 604_800]);
  assert.deepEqual([30, 5400, 86_400, 604_800].map(formatDuration), ['30s', '1h30m', '1d', '7d']);
  assert.equal(multiply('30m', 5), '2h30m');
  assert.throws(() => parseDuration(''), /no duration/u);
});

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** With the keys of all objects in order, as Jsonnet writes them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
