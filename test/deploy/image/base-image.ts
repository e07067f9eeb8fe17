import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ImageName, getContainerRuntimeClient } from 'testcontainers';
import { followed } from './progress.ts';
import type { Dockerode } from './progress.ts';

const run = promisify(execFile);

/** What the Dockerfile builds on by itself. */
const OFFICIAL = 'node:24-bookworm';
const REPOSITORY = 'localhost/tenstorrent-exporter-test-base';
const IMAGE = `${REPOSITORY}:latest`;

/** What a build runs: a shell and its tools, a compiler, dpkg to tell which package a library is of. */
const PACKAGES = ['bash', 'coreutils', 'dash', 'debianutils', 'dpkg', 'findutils', 'gcc', 'grep', 'libc-bin'].concat([
  'libc6-dev',
  'sed',
  'base-files',
  'ca-certificates',
]);
/** Whom the build trusts is whom this host trusts. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const CHANGES = [`ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES} NPM_CONFIG_CAFILE=${CERTIFICATES}`];
const RENAME_NODE = `--transform=flags=r;s|^${process.execPath.slice(1)}$|usr/local/bin/node|`;
const BIG = { maxBuffer: 2 ** 26 };

/**
 * The name of an image that deploy/docker/Dockerfile can be built on: the official one where the engine has it, else one
 * that is made of this host's own Debian packages, this Node.js and this npm. Needs useEngine() before, and dpkg.
 */
export async function baseImage(): Promise<string> {
  const client = await getContainerRuntimeClient();
  if (await client.image.exists(ImageName.fromString(OFFICIAL))) return OFFICIAL;
  if (await client.image.exists(ImageName.fromString(IMAGE))) return IMAGE;
  await importHost(client.container.dockerode);
  return IMAGE;
}

/** Absolute paths, none below a link, folders before what is in them. */
async function hostFiles(npm: string): Promise<string[]> {
  const { stdout } = await run('dpkg-query', ['--listfiles', ...(await withDependencies(PACKAGES))], BIG);
  const packed = stdout.split('\n').filter((path) => path.startsWith('/') && path !== '/.' && !isDocument(path));
  const made = ['/etc/passwd', '/etc/group', '/etc/ld.so.cache', CERTIFICATES, '/var/lib/dpkg/status'];
  // What maintainers' scripts link to: /usr/bin/cc, for one, goes by way of /etc/alternatives.
  const links = ['/bin', '/lib', '/lib64', '/sbin', '/usr/bin/cc', '/usr/bin/awk', npm, join(dirname(npm), 'npx')];
  const folders = ['/etc/alternatives', '/var/lib/dpkg/info', dirname(dirname(realpathSync(npm)))].flatMap(
    everythingIn,
  );
  const all = [...packed, ...made, ...links, ...folders, process.execPath].map(withRealParent);
  return [...new Set(all.filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined))].sort();
}

function everythingIn(folder: string): string[] {
  return [folder, ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))];
}

function isDocument(path: string): boolean {
  return /^\/usr\/share\/(?:locale|man|info|doc\/[^/]+\/(?!copyright$))/.test(path);
}

function withRealParent(path: string): string {
  const folder = dirname(path);
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
}

async function withDependencies(packages: readonly string[]): Promise<string[]> {
  const { stdout } = await run('dpkg-query', ['--show', '--showformat=${db:Status-Status} ${Package}\n'], BIG);
  const installed = new Set(stdout.split('\n').flatMap((line) => /^installed (.*)$/.exec(line)?.[1] ?? []));
  const missing = packages.filter((name) => !installed.has(name));
  if (missing.length > 0) throw new Error(`the base of the image needs: apt-get install -y ${missing.join(' ')}`);
  const kinds = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);
  const tree = await run('apt-cache', ['depends', '--recurse', '--installed', ...kinds, ...packages], BIG);
  const named = tree.stdout.split('\n').filter((line) => /^[a-z0-9]/.test(line));
  return [...new Set(named.map((name) => name.replace(/:.*$/, '')))].filter((name) => installed.has(name));
}

function findNpm(): string {
  const found = (process.env['PATH'] ?? '').split(':').find((folder) => existsSync(join(folder, 'npm')));
  if (found === undefined) throw new Error('npm is not in PATH: the base of the image is made with it');
  return join(found, 'npm');
}

async function importHost(dockerode: Dockerode): Promise<void> {
  const npm = findNpm();
  const paths = await hostFiles(npm);
  const tar = spawn('tar', ['--create', '--directory=/', '--no-recursion', RENAME_NODE, '--null', '--files-from=-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  tar.stdin.end(paths.map((path) => `${path.slice(1)}\0`).join(''));
  const ended = once(tar, 'close') as Promise<[number | null]>;
  const changes = [...CHANGES, `ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${dirname(npm)}`];
  const progress = await dockerode.importImage(tar.stdout, { repo: REPOSITORY, tag: 'latest', changes });
  await followed(dockerode, progress);
  const [code] = await ended;
  if (code !== 0) throw new Error(`tar ended with ${String(code)}: the base image is not whole`);
}
