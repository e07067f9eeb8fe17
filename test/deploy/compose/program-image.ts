import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageName, getContainerRuntimeClient } from 'testcontainers';
import { followed } from '../image/progress.ts';

const NOBODY = 65_534;

/** A program of this host as an image, like the official one of it. */
export interface ProgramImage {
  /** The name of the official image. */
  readonly official: string;
  /** Of the program on this host. */
  readonly path: string;
  /** Where it keeps what it knows: the user's of the image. */
  readonly data: string;
  /** Whatever else it reads. */
  readonly files?: readonly string[];
}

/**
 * The name of an image of a program: the official one where the engine has it, else one of this host's program and its
 * libraries, with the same user, entrypoint and folder. Needs useEngine() before.
 */
export async function programImage({ official, path, data, files = [] }: ProgramImage): Promise<string> {
  const client = await getContainerRuntimeClient();
  if (await client.image.exists(ImageName.fromString(official))) return official;
  const repo = `localhost/tenstorrent-exporter-test-${path.replace(/^.*\//, '')}`;
  if (await client.image.exists(ImageName.fromString(`${repo}:latest`))) return `${repo}:latest`;
  const { dockerode } = client.container;
  const folder = mkdtempSync(join(tmpdir(), 'program-image-'));
  try {
    mkdirSync(join(folder, data), { recursive: true });
    chownSync(join(folder, data), NOBODY, NOBODY);
    const whole = [path, ...librariesOf(path), ...files].map((file) => file.slice(1));
    const archive = ['--create', '--dereference', '--directory=/', ...whole, `--directory=${folder}`, data.slice(1)];
    const tar = spawn('tar', archive, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(tar, 'close') as Promise<[number | null]>;
    const changes = [`ENTRYPOINT ["${path}"]`, `USER ${NOBODY}:${NOBODY}`, `WORKDIR ${data}`];
    await followed(dockerode, await dockerode.importImage(tar.stdout, { repo, tag: 'latest', changes }));
    const [code] = await ended;
    if (code !== 0) throw new Error(`tar ended with ${String(code)}: the image of ${path} is not whole`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return `${repo}:latest`;
}

function librariesOf(program: string): string[] {
  const output = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...output.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}
