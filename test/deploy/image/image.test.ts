import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { getContainerRuntimeClient } from 'testcontainers';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import { useEngine } from '../../support/docker/engine.ts';
import type { Engine } from '../../support/docker/engine.ts';
import { eventually } from '../../support/eventually.ts';
import { readableFor, sameMount } from './shared-host.ts';
import { builtImages } from './built-image.ts';
import { USER, get, startImage } from './exporter-container.ts';
import { filesOf, runOnce } from './run-once.ts';

const PACKAGE = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};
/** For development alone. */
const TOOLS = ['esbuild', 'eslint', 'fast-check', 'node', 'prettier', 'testcontainers', 'typescript'];
const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe('the image', () => {
  let engine: Engine;
  let image: string;
  before(async () => {
    engine = await useEngine();
    ({ exporter: image } = await builtImages());
  });
  after(() => engine.removeContainers());

  it('says what it is, and runs as a user that is not root', async () => {
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const { Config: config } = await dockerode.getImage(image).inspect();
    const labels = Object.entries(config.Labels).filter(([name]) => name.startsWith('org.opencontainers.image.'));
    assert.deepEqual(
      {
        user: config.User,
        entrypoint: config.Entrypoint,
        command: config.Cmd,
        ports: config.ExposedPorts,
        health: (config.Healthcheck as { Test?: string[] } | undefined)?.Test,
        labels: Object.fromEntries(labels.map(([name, value]) => [name.replace(/.*\./, ''), value])),
        threads: config.Env.filter((line) => line.startsWith('UV_')),
      },
      {
        user: `${USER}:${USER}`,
        entrypoint: ['tenstorrent-exporter'],
        command: null,
        ports: { '10072/tcp': {} },
        health: ['CMD', 'node', '/usr/lib/tenstorrent-exporter/health.mjs', 'http://127.0.0.1:10072/-/healthy'],
        labels: {
          title: 'tenstorrent-exporter',
          description: 'Prometheus and OpenTelemetry exporter for Tenstorrent accelerators, and tt-allocation-server',
          licenses: 'Apache-2.0',
          version: PACKAGE.version,
          revision: '0123456789abcdef0123456789abcdef01234567',
          created: '',
        },
        threads: ['UV_THREADPOOL_SIZE=72'],
      },
    );
  });

  it('has both programs, Node.js and the libraries of it, and no shell, no sources and no tools', async () => {
    const files = await filesOf(image);
    const programs = files.filter((path) => /^(usr\/)?(local\/)?s?bin\/./.test(path.replace(/^usr\/local/, 'usr')));
    assert.deepEqual(programs.sort(), [
      'usr/local/bin/node',
      'usr/local/bin/tenstorrent-exporter',
      'usr/local/bin/tt-allocation-server',
    ]);
    const top = new Set(
      files
        .map((path) => /^usr\/lib\/tenstorrent-exporter\/([^/]+)/.exec(path)?.[1])
        .filter((name) => name !== undefined),
    );
    assert.deepEqual([...top].sort(), ['LICENSE', 'dist', 'health.mjs', 'native', 'node_modules', 'package.json']);
    assert.deepEqual(
      files.filter((path) => path.startsWith('usr/lib/tenstorrent-exporter/dist/') && /simulator|\.ts$/.test(path)),
      [],
    );
    const modules = 'usr/lib/tenstorrent-exporter/node_modules';
    const has = (name: string): boolean => files.includes(`${modules}/${name}/package.json`);
    assert.deepEqual(
      Object.keys(PACKAGE.dependencies).filter((name) => !has(name)),
      [],
    );
    assert.deepEqual(TOOLS.filter(has), []);
  });

  it('names the packages that its libraries are of, for scanners', async () => {
    const files = await filesOf(image);
    const named = files.flatMap((path) => /^var\/lib\/dpkg\/status\.d\/(.+)$/.exec(path)?.[1] ?? []).sort();
    assert.deepEqual(
      named.filter((name) => !/^(libc6|libgcc-s1|libstdc\+\+6|libatomic1)$/.test(name)),
      [],
    );
    assert.ok(named.includes('libc6'));
    assert.deepEqual(
      named.filter((name) => !files.includes(`usr/share/doc/${name}/copyright`)),
      [],
    );
  });

  it('is no larger than the README says', async () => {
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const { Size: bytes } = await dockerode.getImage(image).inspect();
    const stated = Number(/The image has (\d+) MB/.exec(README)?.[1]);
    assert.ok(bytes / 1e6 <= stated && bytes / 1e6 > 0.8 * stated, `${bytes / 1e6} MB of ${stated}`);
  });

  it('runs the commands of both programs', async () => {
    const expected = `version ${PACKAGE.version} (revision: 0123456789abcdef0123456789abcdef01234567)\n`;
    const exporter = await runOnce(image, ['--version']);
    assert.equal(exporter.output.split('  node')[0], `tenstorrent-exporter, ${expected}`);
    const server = await runOnce(image, ['--version'], 'tt-allocation-server');
    assert.equal(server.output.split('  node')[0], `tt-allocation-server, ${expected}`);
    const smi = await runOnce(image, ['smi']);
    assert.match(smi.output, /No Tenstorrent chip is found\./);
    const wrong = await runOnce(image, ['--wrong']);
    assert.equal(wrong.code, 1);
  });

  it('reads a host whose folders are mounted, with a read-only root and without rights, and turns healthy', async (t) => {
    const host = await createSimulatedHost('mixed');
    t.after(() => host.close());
    readableFor(host);
    const container = await startImage({ flags: host.flags(), mounts: [sameMount(host)] });
    const { status, body } = await get(container);
    assert.equal(status, 200);
    const boards = [...body.matchAll(/^tt_device_info\{.*\bboard="([^"]*)"/gm)].map(([, board]) => board);
    assert.deepEqual(boards, ['n150', 'n300', 'n300', 'p150a']);
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const started = dockerode.getContainer(container.getId());
    await eventually(
      'the container to be healthy',
      async () => {
        const { State: state } = await started.inspect();
        return state.Health?.Status === 'healthy';
      },
      45,
    );
    const changes = (await started.changes()) as readonly { readonly Path: string }[] | null;
    // Where the host's folder is mounted, and nothing else.
    const others = (changes ?? []).filter(({ Path: path }) => !host.root.startsWith(path));
    assert.deepEqual(others, []);
  });

  it('ends in order, soon after docker stop', async () => {
    const container = await startImage();
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const stopped = dockerode.getContainer(container.getId());
    const begin = performance.now();
    await stopped.stop({ t: 10 });
    const took = performance.now() - begin;
    const { State: state } = await stopped.inspect();
    assert.equal(state.ExitCode, 0);
    assert.ok(took < 2000, `${took} ms`);
  });
});
