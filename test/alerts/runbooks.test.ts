import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.ts';
import { startPrometheus } from '../support/prometheus.ts';
import type { RunningPrometheus } from '../support/prometheus.ts';
import { ALERTS_FOLDER, readGroups } from './rule-set.ts';

const run = promisify(execFile);
const FOLDER = join(ALERTS_FOLDER, 'runbooks');
const DEMO = join(import.meta.dirname, '..', '..', 'src', 'simulator', 'demo.ts');
const NAMES = readdirSync(FOLDER).sort();
const SECTIONS = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation'];

let exporter = '';
let prometheus: RunningPrometheus | undefined;
let endDemo: () => Promise<void> = () => Promise.resolve();

before(async () => {
  exporter = `localhost:${await freePort()}`;
  const demo = spawn(process.execPath, [DEMO, `--web.listen-address=${exporter}`], { stdio: 'ignore' });
  const ended = once(demo, 'exit');
  endDemo = async () => {
    demo.kill('SIGTERM');
    await ended;
  };
  await eventually('the demo to answer', async () =>
    fetch(`http://${exporter}/-/healthy`).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
  prometheus = await startPrometheus(
    `scrape_configs: [{ job_name: demo, scrape_interval: 1s, static_configs: [{ targets: ['${exporter}'] }] }]
global: { evaluation_interval: 1s }
rule_files: ['${ALERTS_FOLDER}/*.yml']
`,
  );
  await eventually('the demo to be scraped', async () =>
    ((await prometheus?.query('tt_device_info')) ?? []).length > 0 ? true : undefined,
  );
});

after(async () => {
  await prometheus?.stop();
  await endDemo();
});

for (const name of NAMES) {
  const text = readFileSync(join(FOLDER, name), 'utf8');

  test(`${name} has its sections, and its commands run against the demo`, async () => {
    const headings = [...text.matchAll(/^##? (.*)$/gmu)].map(([, heading]) => heading);
    assert.deepEqual(headings, [name.replace('.md', ''), ...SECTIONS]);
    const commands = [...text.matchAll(/^```sh\n(.*?)^```/gmsu)].map(([, command = '']) => command);
    assert.ok(commands.length > 0, 'no command');
    const env = { ...process.env, EXPORTER: exporter, DEVICE: '1', PROMETHEUS: prometheus?.url };
    for (const command of commands) {
      const { stdout } = await run('bash', ['-eu', '-o', 'pipefail', '-c', command], { env });
      // What may find nothing in good times is written with awk, which then says nothing.
      if (!command.includes('awk') && !command.includes('promtool')) assert.notEqual(stdout, '', command);
    }
  });
}

test('there is a runbook for every alert and none beside', async () => {
  const groups = await readGroups();
  const alerts = new Set(groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? [])));
  assert.deepEqual(
    NAMES,
    [...alerts].sort().map((alert) => `${alert}.md`),
  );
});

/** A port that was free a moment ago. The demo refuses one that is taken meanwhile. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
