import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';

const run = promisify(execFile);

export const COMPOSE_FILE = fileURLToPath(new URL('../../../deploy/compose/compose.yaml', import.meta.url));

/** What Compose makes of a file. */
export interface Configuration {
  readonly services: Readonly<Record<string, unknown>>;
}

/** A Compose file, deploy/compose/compose.yaml by default, under a name of its own, so that nothing of it meets somebody else's. */
export interface Project {
  /** What Compose understands: with everything that is merged, checked against its schema. */
  config(): Promise<Configuration>;
  /** Starts services. Rejects with what Compose says. */
  up(...services: readonly string[]): Promise<void>;
  restart(service: string): Promise<void>;
  /** `127.0.0.1:41233`, for a port of a service. */
  address(service: string, port: number): Promise<string>;
  logs(): Promise<string>;
  /** Removes containers, networks and volumes. */
  down(): Promise<void>;
}

/** `environment`: what the file's variables are. */
export async function openProject(
  environment: Readonly<Record<string, string>> = {},
  file = COMPOSE_FILE,
): Promise<Project> {
  const [program = '', ...words] = await composeCommand();
  const name = `tenstorrent-exporter-test-${randomUUID().slice(0, 8)}`;
  const env = { ...process.env, ...environment };
  const compose = async (...args: readonly string[]): Promise<string> => {
    const all = [...words, '-p', name, '-f', file, ...args];
    return (await run(program, all, { env, maxBuffer: 2 ** 26 })).stdout;
  };
  return {
    config: async () => parse(await compose('config')) as Configuration,
    up: async (...services) => {
      await compose('up', '--detach', '--no-build', ...services);
    },
    restart: async (service) => {
      await compose('restart', service);
    },
    address: async (service, port) => (await compose('port', service, String(port))).trim(),
    logs: () => compose('logs', '--no-color'),
    down: async () => {
      await compose('down', '--volumes', '--timeout', '3');
    },
  };
}

/** The plugin where it is, else the program of before. */
async function composeCommand(): Promise<string[]> {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const [program = '', ...words] = command;
    const works = await run(program, [...words, 'version']).then(
      () => true,
      () => false,
    );
    if (works) return command;
  }
  throw new Error('Compose is not installed: apt-get install -y --no-install-recommends docker-compose');
}
