import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ruleFiles } from '../../alerts/generator/rule-files.ts';
import { parseThresholds } from '../../alerts/generator/thresholds.ts';
import { toPrometheusYaml } from '../../alerts/generator/yaml.ts';
import { createSimulatedHost } from '../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { startDemoHost } from '../../src/simulator/mixed-demo.ts';
import { GIB, MIB } from '../../src/simulator/patterns.ts';
import { startStockServer } from '../../src/simulator/stock-server.ts';
import { startWorkload } from '../../src/simulator/workload.ts';
import { shortenThresholds } from '../alerts/e2e/shortened.ts';
import { eventually } from '../support/eventually.ts';
import { startPrometheus } from '../support/prometheus.ts';
import type { RunningPrometheus } from '../support/prometheus.ts';
import { startExporter } from '../support/start-exporter.ts';
import { startEventfulGalaxy } from './eventful-galaxy.ts';
import { startPushReceiver } from './push-receiver.ts';

/** Three simulated hosts with the exporter, and a Prometheus with the rules that scrapes them every second or two. */
export interface WatchedFleet {
  readonly prometheus: RunningPrometheus;
  close(): Promise<void>;
}

const ALERTS = join(import.meta.dirname, '../../alerts');

export async function startWatchedFleet(): Promise<WatchedFleet> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'watched-'));
    closers.push(() => rm(folder, { recursive: true }));
    await writeRules(folder);
    const galaxy = await startEventfulGalaxy();
    closers.push(() => galaxy.close());
    const demo = await startDemoHost();
    closers.push(() => demo.close());
    const edge = await startEdgeHost();
    closers.push(() => edge.close());
    const receiver = await startPushReceiver();
    closers.push(() => receiver.close());
    const pushing = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_INTERVAL: '2000' };
    const targets = [];
    for (const [name, host, expected] of [
      ['galaxy-07', galaxy.host, 32],
      ['lab-2', demo.host, 3],
      ['edge-1', edge, 1],
    ] as const) {
      const exporter = await startExporter(await flagsOf(host, folder, expected), {
        env: { ...host.faultsEnvironment(), ...pushing },
      });
      closers.push(() => exporter.stop());
      targets.push({ targets: [new URL(exporter.url).host], labels: { instance: name, cluster: 'demo' } });
    }
    const prometheus = await startPrometheus(configuration(targets, folder));
    closers.push(() => prometheus.stop());
    await eventually('the first scrapes', async () => (await prometheus.query('up == 1')).length === 3, 30);
    galaxy.begin();
    return { prometheus, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A card with a stock allocation server, which tells of the kernel-config ring. */
async function startEdgeHost(): Promise<SimulatedHost> {
  const host = await createSimulatedHost('p150');
  try {
    const ring = { totalSize: 70_656, usedBytes: 41_984, programs: 23 };
    const device = {
      arch: 'blackhole',
      dramBytes: 32 * GIB,
      dramChannels: 8,
      l1Bytes: 140 * 1536 * 1024,
      l1BytesPerCore: 1536 * 1024,
      ring,
    } as const;
    const server = await startStockServer({ path: host.socket, dialect: 'C', devices: [device] });
    host.onClose(() => server.close());
    const workload = await startWorkload(host, { name: 'resnet-edge', chips: [0], tracker: 'server' });
    await workload.hold(0, { dram: 7 * GIB, l1: 30 * MIB, cb: 4 * MIB });
    return host;
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** With everything on that a dashboard asks for and that is off by default. */
async function flagsOf(host: SimulatedHost, folder: string, expected: number): Promise<string[]> {
  const capacity = join(folder, 'capacity.yaml');
  await writeFile(capacity, 'boards:\n  n150: { cores: 72 }\n');
  return [
    ...host.flags(),
    `--devices.expected=${expected}`,
    `--maintenance.file=${join(folder, 'maintenance')}`,
    `--capacity.config.file=${capacity}`,
    '--sysfs.pcie-counters',
  ];
}

async function writeRules(folder: string): Promise<void> {
  const thresholds = parseThresholds(shortenThresholds(await readFile(join(ALERTS, 'thresholds.yaml'), 'utf8')));
  for (const file of ruleFiles(thresholds)) {
    await writeFile(join(folder, `${file.name}.yml`), toPrometheusYaml(file, thresholds.text('runbookUrl')));
  }
}

function configuration(targets: readonly object[], rules: string): string {
  return JSON.stringify({
    global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '2s' },
    rule_files: [`${rules}/*.yml`],
    scrape_configs: [{ job_name: 'tenstorrent', static_configs: targets }],
  });
}
