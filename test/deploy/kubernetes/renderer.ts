import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHART, REPOSITORY } from './places.ts';

const run = promisify(execFile);
const SOURCES = join(import.meta.dirname, 'render');
const CACHE = join(REPOSITORY, 'node_modules/.cache/chart-renderer');
/** Where Debian puts the sources of its Go packages. */
const GO_PACKAGES = '/usr/share/gocode';
const HOW_TO_GET_IT = 'bash test/setup/system-packages.sh installs golang-go and Sprig';
const MAX_OUTPUT = 2 ** 26;

/** What is rendered, and for which cluster. */
export interface RenderRequest {
  /** Files with values, the later over the earlier. */
  readonly values?: readonly string[];
  readonly release?: string;
  readonly namespace?: string;
  /** `v1.34.0` by default. */
  readonly kubeVersion?: string;
  /** Templates to show, `templates/…`; all but the notes by default. */
  readonly only?: readonly string[];
}

let built: Promise<string> | undefined;

/** The text of the chart's manifests, as `helm template` gives them. Rejects with what the chart says is wrong. */
export async function renderChart(request: RenderRequest = {}): Promise<string> {
  built ??= build();
  const { values = [], only = [], release = 'release-name', namespace = 'default', kubeVersion = 'v1.34.0' } = request;
  const flags = [`-release=${release}`, `-namespace=${namespace}`, `-kube-version=${kubeVersion}`];
  const lists = [...values.map((file) => `-values=${file}`), ...only.map((template) => `-show-only=${template}`)];
  const { stdout } = await run(await built, [...flags, ...lists, CHART], { maxBuffer: MAX_OUTPUT });
  return stdout;
}

/** Builds the renderer unless these very sources have been built before. Gives the program's path. */
async function build(): Promise<string> {
  const path = join(CACHE, await sourceHash());
  if (existsSync(path)) return path;
  await mkdir(CACHE, { recursive: true });
  // Under a name of its own first: several processes may build at the same time.
  const unfinished = `${path}.${process.pid}`;
  const environment = { ...process.env, GO111MODULE: 'off', GOFLAGS: '', GOPATH: GO_PACKAGES };
  try {
    await run('go', ['build', '-o', unfinished, '.'], { cwd: SOURCES, env: environment });
  } catch (error) {
    throw new Error(`the renderer of the chart cannot be built: ${HOW_TO_GET_IT}`, { cause: error });
  }
  await rename(unfinished, path);
  return path;
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(SOURCES)).sort()) hash.update(await readFile(join(SOURCES, name)));
  return hash.digest('hex').slice(0, 16);
}
