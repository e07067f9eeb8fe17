import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ImageName, getContainerRuntimeClient } from 'testcontainers';
import { baseImage } from './base-image.ts';
import { alone } from './alone.ts';
import { followed } from './progress.ts';
import type { Dockerode } from './progress.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const DOCKERFILE = 'deploy/docker/Dockerfile';
const REPOSITORY = 'localhost/tenstorrent-exporter-test-image';

/** Names of what deploy/docker/Dockerfile makes. */
export interface BuiltImages {
  readonly exporter: string;
  /** The same with the sources, for deploy/compose. */
  readonly simulator: string;
}

let built: Promise<BuiltImages> | undefined;

/**
 * Builds the images of the repository as it is, once for all test files that use an engine at a time: the tag is a hash
 * of what they are made from. Needs useEngine() before, and the network or npm's cache for the dependencies.
 */
export function builtImages(): Promise<BuiltImages> {
  built ??= alone('tenstorrent-exporter-test-image', build);
  return built;
}

/** What .dockerignore lets through; it has exceptions from "everything", and nothing else. */
export function contextPaths(): string[] {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [first, ...others] = lines;
  if (first !== '*' || others.some((line) => !/^![\w./-]+$/.test(line))) {
    throw new Error('.dockerignore: "*" and exceptions with plain paths are all that this test understands');
  }
  return others.map((line) => line.slice(1)).sort();
}

async function build(): Promise<BuiltImages> {
  const base = await baseImage();
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const tag = contentHash(base);
  const exporter = `${REPOSITORY}:${tag}`;
  const simulator = `${REPOSITORY}:${tag}-simulator`;
  await buildTarget(dockerode, base, exporter);
  await buildTarget(dockerode, base, simulator, 'simulator');
  return { exporter, simulator };
}

async function buildTarget(dockerode: Dockerode, base: string, image: string, target?: string): Promise<void> {
  const client = await getContainerRuntimeClient();
  if (await client.image.exists(ImageName.fromString(image))) return;
  const tar = spawn('tar', ['--create', `--directory=${ROOT}`, '--', ...contextPaths(), DOCKERFILE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const progress = await dockerode.buildImage(tar.stdout, {
    dockerfile: DOCKERFILE,
    t: image,
    buildargs: { BUILD_IMAGE: base, REVISION: '0123456789abcdef0123456789abcdef01234567' },
    ...(target === undefined ? {} : { target }),
  });
  await followed(dockerode, progress);
}

function contentHash(base: string): string {
  const hash = createHash('sha256').update(`${base} ${process.version}`);
  for (const file of [...contextPaths(), DOCKERFILE].flatMap(filesIn)) {
    hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 32);
}

function filesIn(path: string): string[] {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  const names = readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => join(path, name)).filter((file) => statSync(join(ROOT, file)).isFile());
}
