import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCaseFiles } from './case-file.ts';
import { testRules } from './promtool-rules.ts';
import { ALERTS_FOLDER, readGroups, rulesFor } from './rule-set.ts';

const groups = await readGroups();
const files = await readCaseFiles();
const alertNames = [...new Set(groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? [])))].sort();

for (const file of files) {
  const names = file.rules ?? [file.alert];
  const rules = rulesFor(names, groups);

  test(`${names.join(', ')}: fires or records what it should, and keeps silent elsewhere`, async () => {
    assert.equal(await testRules(rules, file), '');
  });

  test(`${names.join(', ')}: does the same where targets have no cluster label`, async () => {
    assert.equal(await testRules(rules, file, { cluster: false }), '');
  });
}

test('every alert has cases of firing and of silence', () => {
  const about = files.filter(({ rules }) => rules === undefined);
  assert.deepEqual(about.map(({ alert }) => alert).sort(), alertNames);
  for (const { alert, cases } of about) {
    const counts = cases.flatMap(({ at }) => Object.values(at).map((alerts) => alerts.length));
    assert.ok(counts.includes(0) && counts.some((count) => count > 0), alert);
  }
});

test('every alert has a severity, an audience, a static summary and a runbook of its name', () => {
  for (const { alert, labels, annotations } of groups.flatMap(({ rules }) => rules)) {
    if (alert === undefined) continue;
    assert.deepEqual(
      Object.keys(labels ?? {}).filter((name) => name !== 'memory'),
      ['severity', 'audience'],
      alert,
    );
    assert.match(labels?.['severity'] ?? '', /^(critical|warning|info)$/u);
    assert.match(labels?.['audience'] ?? '', /^(hardware|workload|monitoring)$/u);
    assert.deepEqual(Object.keys(annotations ?? {}), ['summary', 'description', 'runbook_url'], alert);
    assert.doesNotMatch(annotations?.['summary'] ?? '', /\{\{/u);
    assert.ok(annotations?.['runbook_url']?.endsWith(`/${alert}.md`), alert);
    readFileSync(join(ALERTS_FOLDER, 'runbooks', `${alert}.md`));
  }
});

test('only these page', () => {
  const pages = groups.flatMap(({ rules }) =>
    rules.flatMap(({ alert, labels }) => (labels?.['severity'] === 'critical' ? (alert ?? []) : [])),
  );
  assert.deepEqual(pages.sort(), [
    'TenstorrentDeviceUnreachable',
    'TenstorrentFleetBlind',
    'TenstorrentHeartbeatStuck',
    'TenstorrentThermalTrip',
  ]);
});
