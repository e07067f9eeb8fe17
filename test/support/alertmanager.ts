import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { listeningPort } from './prometheus.ts';

/** A real Alertmanager, alone in its cluster. */
export interface RunningAlertmanager {
  /** `127.0.0.1:41233` */
  readonly address: string;
  /** The alerts that it has now. */
  alerts(): Promise<KnownAlert[]>;
  stop(): Promise<void>;
}

export interface KnownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: 'active' | 'suppressed' | 'unprocessed'; readonly inhibitedBy: readonly string[] };
}

/** Starts an Alertmanager at a free port with this configuration; `apt-get install prometheus-alertmanager` provides it. */
export async function startAlertmanager(configuration: string): Promise<RunningAlertmanager> {
  const folder = await mkdtemp(join(tmpdir(), 'alertmanager-'));
  await writeFile(join(folder, 'alertmanager.yml'), configuration);
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${folder}/alertmanager.yml`,
      `--storage.path=${folder}/data`,
      '--web.listen-address=127.0.0.1:0',
      '--cluster.listen-address=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const port = await eventually('Alertmanager to listen', () => listeningPort(child.pid ?? 0));
    const address = `127.0.0.1:${port}`;
    await eventually('Alertmanager to be ready', () =>
      fetch(`http://${address}/-/ready`).then(
        (response) => response.ok,
        () => false,
      ),
    );
    const alerts = async (): Promise<KnownAlert[]> =>
      (await (await fetch(`http://${address}/api/v2/alerts`)).json()) as KnownAlert[];
    return { address, alerts, stop };
  } catch (cause) {
    await stop();
    throw new Error(`Alertmanager does not start:\n${log}`, { cause });
  }
}
