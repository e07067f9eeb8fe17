import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** A real Prometheus that scrapes what a test names. */
export interface RunningPrometheus {
  readonly url: string;
  /** Result of an instant query. */
  query(expression: string): Promise<QueryResult[]>;
  /** Any of its API's answers, the `data` of it. */
  api(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** Starts a Prometheus at a free port with this configuration; `apt-get install prometheus` provides it. */
export async function startPrometheus(
  configuration: string,
  flags: readonly string[] = [],
): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  await writeFile(join(folder, 'prometheus.yml'), configuration);
  const child = spawn(
    'prometheus',
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      '--web.listen-address=127.0.0.1:0',
      '--log.level=info',
      ...flags,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const port = await eventually('Prometheus to listen', () => listeningPort(child.pid ?? 0));
    const url = `http://127.0.0.1:${port}`;
    const api = async (path: string) => {
      const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { status: string; data: unknown };
      if (answer.status !== 'success') throw new Error(`${path}: ${JSON.stringify(answer)}`);
      return answer.data;
    };
    await eventually('Prometheus to be ready', async () =>
      fetch(`${url}/-/ready`).then(
        (response) => response.ok,
        () => false,
      ),
    );
    const query = async (expression: string) =>
      ((await api(`query?query=${encodeURIComponent(expression)}`)) as { result: QueryResult[] }).result;
    return { url, query, api, stop };
  } catch (cause) {
    await stop();
    throw new Error(`Prometheus does not start:\n${log}`, { cause });
  }
}

/** It logs the address that it was given, not the port that it got: that is in the kernel's table of sockets. */
export async function listeningPort(pid: number): Promise<number | undefined> {
  const { readFile, readdir, readlink } = await import('node:fs/promises');
  const table = await readFile(`/proc/${pid}/net/tcp`, 'latin1');
  for (const descriptor of await readdir(`/proc/${pid}/fd`)) {
    const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/u.exec(link)?.[1];
    if (inode === undefined) continue;
    const row = table.split('\n').find((line) => line.trim().split(/\s+/u)[9] === inode);
    const [, local, , state] = row?.trim().split(/\s+/u) ?? [];
    if (state === '0A' && local !== undefined) return Number.parseInt(local.split(':')[1] ?? '', 16);
  }
  return undefined;
}
