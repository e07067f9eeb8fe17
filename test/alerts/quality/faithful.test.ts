import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { testRules } from '../../support/promtool.ts';
import { historyOf } from './history.ts';
import { DAY } from './life.ts';
import { readRules } from './measure.ts';
import { familiesOf, playWorld } from './play.ts';
import { forAlerts } from './rule-files.ts';
import { promtoolTest, ruleFileOf } from './promtool-case.ts';
import { createWorld } from './world.ts';

const ARCHETYPES = ['fast leak', 'leak by killed workers', 'maintenance', 'exporter restarts', 'tracking off'];
const DAYS = 1;
const SCRAPE_SECONDS = 60;

it("finds the alerts that Prometheus's own rule manager finds, at each time that was looked at", async () => {
  const groups = forAlerts(await readRules());
  const plan = { archetypes: ARCHETYPES, chips: 1, days: DAYS, seed: 5, scrapeSeconds: SCRAPE_SECONDS, epoch: 0 };
  const alerts = await playWorld(createWorld(plan), groups, { same: true });
  const names = new Set(alerts.map(({ labels }) => labels['alertname']));
  assert.ok(names.size >= 5, `too few alerts fire for a comparison: ${[...names].join(', ')}`);

  const times = Array.from({ length: (DAYS * DAY) / 1260 }, (_, index) => index * 1260);
  const history = [...historyOf(createWorld(plan), { families: familiesOf(groups) })].flat();
  const folder = await mkdtemp(join(tmpdir(), 'faithful-'));
  try {
    await writeFile(join(folder, 'rules.yml'), ruleFileOf(groups));
    const test = promtoolTest({ ruleFile: 'rules.yml', groups, history, scrapeSeconds: SCRAPE_SECONDS, alerts, times });
    await writeFile(join(folder, 'test.yml'), test);
    const { exitCode, output } = await testRules(join(folder, 'test.yml'));
    assert.equal(exitCode, 0, output.slice(0, 4000));
  } finally {
    await rm(folder, { recursive: true });
  }
});
