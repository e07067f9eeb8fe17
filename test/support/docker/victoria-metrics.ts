import { execFile } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GenericContainer, ImageName, PullPolicy, Wait, getContainerRuntimeClient } from 'testcontainers';
import { LABEL, ownerLabel } from './owner.ts';

const run = promisify(execFile);

/** What is in Debian bookworm knows no OTLP; trixie's does. */
const SUITE = 'trixie';
const PROGRAM = '/usr/bin/victoria-metrics';
const IMAGE = `localhost/tenstorrent-exporter-test-victoria-metrics:${SUITE}`;
const PORT = 8428;
/** Kept between runs: making it takes a minute, and the network. */
const CACHE = fileURLToPath(new URL(`../../../node_modules/.cache/victoria-metrics-${SUITE}.tar`, import.meta.url));
const START_TIMEOUT_MS = 60_000;

/** VictoriaMetrics in a container, which takes OTLP as protobuf. */
export interface VictoriaMetrics {
  /** For OTEL_EXPORTER_OTLP_METRICS_ENDPOINT. */
  readonly otlpUrl: string;
  /** Every series that it has, with its values in the order of time. */
  series(): Promise<readonly StoredSeries[]>;
}

export interface StoredSeries {
  /** `__name__` is the metric's; those of the resource are among them. */
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  /** Milliseconds since the epoch. */
  readonly timestamps: readonly number[];
}

/** Needs useEngine() before, root and debootstrap; ends by engine.removeContainers(). */
export async function startVictoriaMetrics(): Promise<VictoriaMetrics> {
  await importImage();
  const container = await new GenericContainer(IMAGE)
    .withCommand(['-storageDataPath=/data'])
    .withLabels({ [LABEL]: ownerLabel() })
    .withPullPolicy(PullPolicy.neverPull())
    .withExposedPorts(PORT)
    .withStartupTimeout(START_TIMEOUT_MS)
    .withWaitStrategy(Wait.forLogMessage(/started VictoriaMetrics/))
    .start();
  const url = `http://${container.getHost()}:${container.getMappedPort(PORT)}`;
  return {
    otlpUrl: `${url}/opentelemetry/v1/metrics`,
    series: async () => {
      // What has come just now is not to be found otherwise.
      await fetch(`${url}/internal/force_flush`);
      const query = new URLSearchParams({ 'match[]': '{__name__!=""}' });
      const text = await (await fetch(`${url}/api/v1/export?${query.toString()}`)).text();
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as StoredSeries);
    },
  };
}

async function importImage(): Promise<void> {
  const client = await getContainerRuntimeClient();
  if (await client.image.exists(ImageName.fromString(IMAGE))) return;
  if (!existsSync(CACHE)) await makeArchive();
  const { dockerode } = client.container;
  const [repo, tag] = IMAGE.split(/:(?=[^:]*$)/);
  const changes = [`ENTRYPOINT ["${PROGRAM}"]`];
  const progress = await dockerode.importImage(createReadStream(CACHE), { repo, tag, changes });
  await new Promise<void>((resolve, reject) => {
    dockerode.modem.followProgress(progress, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** The program and its libraries out of a small Debian, whose packages debootstrap has checked. */
async function makeArchive(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-trixie-'));
  try {
    const root = join(folder, 'root');
    await run('debootstrap', ['--variant=minbase', '--include=victoria-metrics', SUITE, root]);
    const { stdout } = await run('chroot', [root, 'ldd', PROGRAM]);
    const libraries = [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
    const archive = join(folder, 'archive.tar');
    const files = [PROGRAM, ...libraries].map((path) => path.slice(1));
    await run('tar', ['--create', '--dereference', `--file=${archive}`, `--directory=${root}`, '--', ...files]);
    await mkdir(dirname(CACHE), { recursive: true });
    await run('cp', [archive, `${CACHE}.${process.pid}`]);
    await rename(`${CACHE}.${process.pid}`, CACHE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
