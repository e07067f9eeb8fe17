import { GenericContainer, PullPolicy, Wait } from 'testcontainers';
import type { StartedTestContainer } from 'testcontainers';
import type { Mount } from '../../support/docker/containers.ts';
import { getOnce } from '../../support/get-once.ts';
import type { Answer } from '../../support/get-once.ts';
import { LABEL, ownerLabel } from '../../support/docker/owner.ts';
import { builtImages } from './built-image.ts';

export const PORT = 10072;
/** Of the image's own user and group. */
export const USER = 65_532;

const START_TIMEOUT_MS = 60_000;

export interface ImageOptions {
  /** Arguments of the exporter, or of `program`. */
  readonly flags?: readonly string[];
  readonly program?: 'tenstorrent-exporter' | 'tt-allocation-server';
  /** `uid:gid`; the image's own by default. */
  readonly user?: string;
  /** All others are taken away. */
  readonly capabilities?: readonly string[];
  /** The host's PIDs. */
  readonly hostPids?: boolean;
  readonly network?: 'none';
  readonly mounts?: readonly Mount[];
  /** Named volumes by the folder that they are mounted to. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** A /tmp that it may write to. */
  readonly temporary?: boolean;
  readonly memoryBytes?: number;
  /** At which port of this host; any by default. */
  readonly hostPort?: number;
  /** What the log says when it has started; its page answers, where it has one and this is not given. */
  readonly ready?: RegExp;
}

/** With what testcontainers has no method for, and without any right that is not asked for. */
class HardenedContainer extends GenericContainer {
  constructor(image: string, { hostPids, volumes, memoryBytes, capabilities = [] }: ImageOptions) {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
    this.hostConfig.CapDrop = ['ALL'];
    this.hostConfig.CapAdd = [...capabilities];
    this.hostConfig.SecurityOpt = ['no-new-privileges'];
    if (hostPids === true) this.hostConfig.PidMode = 'host';
    if (memoryBytes !== undefined) {
      this.hostConfig.Memory = memoryBytes;
      // None of it may be swapped out.
      this.hostConfig.MemorySwap = memoryBytes;
    }
    this.hostConfig.Mounts = Object.entries(volumes ?? {}).map(([target, source]) => ({
      Type: 'volume',
      Source: source,
      Target: target,
    }));
  }
}

/**
 * Starts the built image with a read-only root, no capabilities and no way to new ones, and waits until it answers.
 * Needs useEngine() before; ends by engine.removeContainers() at the latest.
 */
export async function startImage(options: ImageOptions = {}): Promise<StartedTestContainer> {
  const { exporter } = await builtImages();
  const container = new HardenedContainer(exporter, options)
    .withCommand([...(options.flags ?? [])])
    .withLabels({ [LABEL]: ownerLabel() })
    .withPullPolicy(PullPolicy.neverPull())
    .withStartupTimeout(START_TIMEOUT_MS)
    .withBindMounts([...(options.mounts ?? [])]);
  if (options.program !== undefined) container.withEntrypoint([options.program]);
  if (options.temporary === true) container.withTmpFs({ '/tmp': 'rw,mode=1777' });
  if (options.user !== undefined) container.withUser(options.user);
  if (options.network !== undefined) container.withNetworkMode(options.network);
  if (options.ready === undefined) {
    const port = options.hostPort === undefined ? PORT : { container: PORT, host: options.hostPort };
    container.withExposedPorts(port).withWaitStrategy(Wait.forHttp('/-/ready', PORT));
  } else {
    container.withWaitStrategy(Wait.forLogMessage(options.ready));
  }
  return await container.start();
}

/** `127.0.0.1:41233` */
export function addressOf(container: StartedTestContainer): string {
  return `${container.getHost()}:${container.getMappedPort(PORT)}`;
}

/** What it answers at a path. */
export function get(container: StartedTestContainer, path = '/metrics'): Promise<Answer> {
  return getOnce(`http://${addressOf(container)}${path}`);
}
