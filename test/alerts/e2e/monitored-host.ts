import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ruleFiles } from '../../../alerts/generator/rule-files.ts';
import { parseThresholds } from '../../../alerts/generator/thresholds.ts';
import { toPrometheusYaml } from '../../../alerts/generator/yaml.ts';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import type { SimulatedHost } from '../../../src/simulator/hosts.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import type { RunningAlertmanager } from '../../support/alertmanager.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import type { RunningPrometheus } from '../../support/prometheus.ts';
import { startExporter } from '../../support/start-exporter.ts';
import { sendAllTo, shortenThresholds } from './shortened.ts';
import { startWebhook } from './webhook.ts';
import type { Webhook } from './webhook.ts';

const ALERTS = join(import.meta.dirname, '../../../alerts');

/** A simulated host with the exporter, Prometheus with the rules, Alertmanager with the example, and who is told. */
export interface MonitoredHost {
  readonly host: SimulatedHost;
  readonly webhook: Webhook;
  readonly alertmanager: RunningAlertmanager;
  readonly prometheus: RunningPrometheus;
  readonly maintenanceFile: string;
  close(): Promise<void>;
}

export async function startMonitoredHost(): Promise<MonitoredHost> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'monitored-'));
    closers.push(() => rm(folder, { recursive: true }));
    const host = await createSimulatedHost('mixed');
    closers.push(() => host.close());
    const maintenanceFile = join(folder, 'maintenance');
    const exporter = await startExporter([...host.flags(), `--maintenance.file=${maintenanceFile}`]);
    closers.push(() => exporter.stop());
    const webhook = await startWebhook();
    closers.push(() => webhook.close());
    const example = await readFile(join(ALERTS, 'alertmanager', 'alertmanager.yml'), 'utf8');
    const alertmanager = await startAlertmanager(sendAllTo(webhook.url, example));
    closers.push(() => alertmanager.stop());
    await writeRules(folder);
    const target = new URL(exporter.url).host;
    const prometheus = await startPrometheus(prometheusConfiguration(target, folder, alertmanager.address));
    closers.push(() => prometheus.stop());
    return { host, webhook, alertmanager, prometheus, maintenanceFile, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The rules with durations of seconds, to a folder. */
export async function writeRules(folder: string): Promise<void> {
  const thresholds = parseThresholds(shortenThresholds(await readFile(join(ALERTS, 'thresholds.yaml'), 'utf8')));
  for (const file of ruleFiles(thresholds)) {
    await writeFile(join(folder, `${file.name}.yml`), toPrometheusYaml(file, thresholds.text('runbookUrl')));
  }
}

export function prometheusConfiguration(target: string, rules: string, alertmanager: string): string {
  return JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [`${rules}/*.yml`],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [{ job_name: 'anything', static_configs: [{ targets: [target], labels: { cluster: 'demo' } }] }],
  });
}
