import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ImageName, getContainerRuntimeClient } from 'testcontainers';
import type { ContainerRuntimeClient } from 'testcontainers';

type Dockerode = ContainerRuntimeClient['container']['dockerode'];

/** Where the repository is in the containers; it is mounted, so that the image changes with Node alone. */
export const APP = '/app';

const REPOSITORY = 'localhost/tenstorrent-exporter-test-workload';
const LABEL = 'tenstorrent-exporter.test-image';

/** What a Dockerfile would say after FROM scratch and its COPY. */
const CHANGES = [`LABEL ${LABEL}=workload`, `WORKDIR ${APP}`, `ENTRYPOINT ${JSON.stringify([process.execPath])}`];

let made: Promise<string> | undefined;

/**
 * Makes an image with nothing but this Node and its shared libraries, at the paths that they have here, and gives its
 * name. The tag is a hash of the contents: an engine that has the image makes none, and loses those of other hashes.
 * Needs useEngine() before.
 */
export function workloadImage(): Promise<string> {
  made ??= makeImage();
  return made;
}

async function makeImage(): Promise<string> {
  const files = [process.execPath, ...librariesOf(process.execPath)];
  const tag = await contentHash(files);
  const client = await getContainerRuntimeClient();
  const image = `${REPOSITORY}:${tag}`;
  if (await client.image.exists(ImageName.fromString(image))) return image;
  const { dockerode } = client.container;
  await importFiles(dockerode, files, tag);
  await removeOthers(dockerode, image);
  return image;
}

/** With the loader, which looks for them at the same paths in the image. */
function librariesOf(program: string): string[] {
  const output = execFileSync('ldd', [program], { encoding: 'utf8' });
  const missing = /^\s*(\S+) => not found$/m.exec(output)?.[1];
  if (missing !== undefined) throw new Error(`${program} needs ${missing}, which is not installed`);
  return [...output.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}

async function contentHash(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(CHANGES.join('\n'));
  for (const file of files) {
    hash.update(`\0${file}\0`);
    await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash, { end: false });
  }
  return hash.digest('hex').slice(0, 32);
}

async function importFiles(dockerode: Dockerode, files: readonly string[], tag: string): Promise<void> {
  const tar = spawn('tar', ['--create', '--dereference', '--absolute-names', '--', ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(tar, 'close') as Promise<[number | null]>;
  const progress = await dockerode.importImage(tar.stdout, { repo: REPOSITORY, tag, changes: CHANGES });
  await new Promise<void>((resolve, reject) => {
    dockerode.modem.followProgress(progress, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  const [code] = await ended;
  if (code === 0) return;
  await dockerode.getImage(`${REPOSITORY}:${tag}`).remove();
  throw new Error(`tar ended with ${String(code)}: the image of ${process.execPath} is not whole`);
}

async function removeOthers(dockerode: Dockerode, image: string): Promise<void> {
  const images = await dockerode.listImages({ filters: { label: [LABEL] } });
  const tags = images.flatMap(({ RepoTags: names }) => names ?? []).filter((tag) => tag !== image);
  // One that is in use stays; the next image made takes it away.
  await Promise.allSettled(tags.map((tag) => dockerode.getImage(tag).remove()));
}
