import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { useEngine } from '../../support/docker/engine.ts';
import { eventually } from '../../support/eventually.ts';
import { builtImages } from '../image/built-image.ts';
import { programImage } from './program-image.ts';
import { openProject } from './project.ts';
import type { Project } from './project.ts';

const START_SECONDS = 90;

let project: Project;
before(async () => {
  await useEngine();
  const { exporter, simulator } = await builtImages();
  project = await openProject({
    EXPORTER_IMAGE: exporter,
    SIMULATOR_IMAGE: simulator,
    PROMETHEUS_IMAGE: await programImage({
      official: 'prom/prometheus:v3.5.0',
      path: '/usr/bin/prometheus',
      data: '/prometheus',
    }),
    ALERTMANAGER_IMAGE: await programImage({
      official: 'prom/alertmanager:v0.28.1',
      path: '/usr/bin/prometheus-alertmanager',
      data: '/alertmanager',
      files: ['default', 'email'].map((name) => `/usr/share/prometheus/alertmanager/${name}.tmpl`),
    }),
    // Whatever is free.
    EXPORTER_PORT: '0',
    PROMETHEUS_PORT: '0',
    ALERTMANAGER_PORT: '0',
  });
});
after(() => project.down());

async function ask<T>(address: string, path: string): Promise<T> {
  return ((await (await fetch(`http://${address}/api/${path}`)).json()) as { readonly data: T }).data;
}

it('what Compose starts shows a simulated host, its memory by process, its rules and where alerts go', async () => {
  await project.up('simulator', 'allocation-server', 'exporter', 'prometheus', 'alertmanager');
  const exporter = await project.address('exporter', 10072);
  const page = async (): Promise<string> =>
    await fetch(`http://${exporter}/metrics`).then(
      (response) => response.text(),
      () => '',
    );
  const text = await eventually(
    'the workload that reports to the server',
    async () => {
      const body = await page();
      return /^tt_dram_allocated_bytes\{device="2",pid="\d+",type="dram"\} \d+$/m.test(body) && body;
    },
    START_SECONDS,
  );
  const sources = [...text.matchAll(/^tt_memory_tracker_info\{device="(\w+)".*source="(\w+)"/gm)];
  assert.deepEqual(
    sources.map(([, device, source]) => `${device ?? ''} ${source ?? ''}`),
    ['0 shared_memory', '1 shared_memory', '1R shared_memory', '2 allocation_server'],
  );
  assert.match(text, /^tt_allocation_server_up 1$/m);

  const prometheus = await project.address('prometheus', 9090);
  const boards = await eventually(
    'a scrape of Prometheus',
    async () => {
      const query = `v1/query?query=${encodeURIComponent('tt_device_info{cluster="simulated"}')}`;
      const { result } = await ask<{ result: { metric: Record<string, string> }[] }>(prometheus, query).catch(() => ({
        result: [],
      }));
      return result.length > 0 && result.map(({ metric }) => metric['board'] ?? '');
    },
    START_SECONDS,
  );
  assert.deepEqual(boards.toSorted(), ['n150', 'n300', 'n300', 'p150a']);
  const { groups } = await ask<{ groups: { file: string }[] }>(prometheus, 'v1/rules');
  assert.deepEqual([...new Set(groups.map(({ file }) => file.replace(/.*\//, '')))].sort(), [
    'devices.yml',
    'long-term.yml',
    'memory.yml',
    'monitoring.yml',
  ]);
  const { activeAlertmanagers: told } = await ask<{ activeAlertmanagers: { url: string }[] }>(
    prometheus,
    'v1/alertmanagers',
  );
  assert.deepEqual(
    told.map(({ url }) => url),
    ['http://alertmanager:9093/api/v2/alerts'],
  );
  const alertmanager = await project.address('alertmanager', 9093);
  assert.equal((await fetch(`http://${alertmanager}/-/ready`)).status, 200);
});
