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

/** Undefined, or why there is no Grafana here. */
async function missing(): Promise<string | undefined> {
  return docker('image', 'inspect', IMAGE).then(
    () => undefined,
    () =>
      `NOT CHECKED against a real Grafana: no Docker, or no image ${IMAGE} in it (docker pull ${IMAGE}). ` +
      "The check against Grafana's schema stands in.",
  );
}

test('a real Grafana provisions every dashboard and says nothing of errors', async (t) => {
  const reason = await missing();
  if (reason !== undefined) {
    console.error(reason);
    t.skip(reason);
    return;
  }
  const mounts = [
    ['provisioning', '/etc/grafana/provisioning'],
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
    const errors = `${stdout}${stderr}`.split('\n').filter((line) => /level=error.*provisioning/u.test(line));
    assert.deepEqual(errors, []);
  } finally {
    await docker('rm', '-f', id);
  }
});
