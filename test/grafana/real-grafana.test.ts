import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.ts';
import { readDashboards } from './dashboards.ts';

const IMAGE = process.env['GRAFANA_IMAGE'] ?? 'grafana/grafana';
const GRAFANA = join(import.meta.dirname, '..', '..', 'grafana');
const START_SECONDS = 120;
const docker = async (...args: readonly string[]) => (await promisify(execFile)('docker', args)).stdout.trim();

/** Lines of Grafana's log, in logfmt, that tell of files which it could not take. */
function provisioningErrors(log: string): string[] {
  return log.split('\n').filter((line) => /\blevel=error\b/u.test(line) && /\blogger=provisioning\b/u.test(line));
}

/** Undefined, or why there is no Grafana here. */
async function missing(): Promise<string | undefined> {
  return docker('image', 'inspect', IMAGE).then(
    () => undefined,
    () =>
      `NOT CHECKED against a real Grafana: no Docker, or no image ${IMAGE} in it (docker pull ${IMAGE}). ` +
      "The check against Grafana's schema stands in.",
  );
}

test('errors of provisioning are found in a log of Grafana', () => {
  const bad =
    'logger=provisioning.dashboard type=file name=tenstorrent t=2026-01-01T00:00:00Z level=error msg="failed"';
  const others = [
    'logger=provisioning.dashboard t=2026-01-01T00:00:00Z level=info msg="starting to provision dashboards"',
    'logger=plugins.update.checker t=2026-01-01T00:00:00Z level=error msg="no network"',
  ];
  assert.deepEqual(provisioningErrors([others[0], bad, others[1]].join('\n')), [bad]);
});

test('a real Grafana provisions every dashboard and says nothing of errors', async (t) => {
  const reason = await missing();
  if (reason !== undefined) {
    console.error(reason);
    t.skip(reason);
    return;
  }
  const mounts = [
    // One by one: Grafana takes it for an error where other folders of provisioning, which the image has, are missing.
    ['provisioning/dashboards', '/etc/grafana/provisioning/dashboards'],
    ['provisioning/datasources', '/etc/grafana/provisioning/datasources'],
    ['dashboards', '/var/lib/grafana/dashboards/tenstorrent'],
  ].flatMap(([from = '', to = '']) => ['-v', `${join(GRAFANA, from)}:${to}:ro`]);
  const access = ['-e', 'GF_AUTH_ANONYMOUS_ENABLED=true', '-e', 'GF_AUTH_ANONYMOUS_ORG_ROLE=Admin'];
  const prometheus = ['-e', 'PROMETHEUS_URL=http://localhost:9090'];
  const id = await docker('run', '-d', '-p', '127.0.0.1::3000', ...mounts, ...access, ...prometheus, IMAGE);
  try {
    const url = `http://${await docker('port', id, '3000/tcp')}`;
    const get = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();
    await eventually('Grafana', () => get('/api/health').then(Boolean, () => false), START_SECONDS);
    const dashboards = [...(await readDashboards()).values()];
    await eventually(
      'the dashboards',
      async () => ((await get('/api/search?tag=tenstorrent')) as unknown[]).length === dashboards.length,
      START_SECONDS,
    );
    for (const { uid, title } of dashboards) {
      const found = (await get(`/api/dashboards/uid/${uid}`)) as { dashboard: { title: string } };
      assert.equal(found.dashboard.title, title);
    }
    const { stdout, stderr } = await promisify(execFile)('docker', ['logs', id]);
    assert.deepEqual(provisioningErrors(`${stdout}\n${stderr}`), []);
  } finally {
    await docker('rm', '-f', id);
  }
});
