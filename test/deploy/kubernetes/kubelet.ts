import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { IContainer } from 'kubernetes-models/v1';
import { getContainerRuntimeClient } from 'testcontainers';
import type { ContainerRuntimeClient } from 'testcontainers';
import { LABEL, ownerLabel } from '../../support/docker/owner.ts';
import type { PodSpec } from './manifest.ts';
import { bytesOf } from './quantity.ts';

type Docker = Awaited<ReturnType<ContainerRuntimeClient['container']['dockerode']['createContainer']>>;

/** Where a pod runs. */
export interface Node {
  /** The folder that stands in for the node's root. */
  readonly root: string;
  /** Folders of this machine that containers have as well, at the same path: what links in `root` lead to. */
  readonly alsoMounted?: readonly string[];
  /** Where emptyDirs and ConfigMaps are made. */
  readonly folder: string;
  /** In place of the one that containers name. */
  readonly image: string;
}

/** A pod of which the containers run. They end by engine.removeContainers() at the latest. */
export interface Pod {
  /** In the host's PID namespace. */
  readonly pids: Readonly<Record<string, number>>;
  readonly containers: Readonly<Record<string, Docker>>;
  /** Of the container with a port: `http://127.0.0.1:41233`; of a pod without one: nothing that answers. */
  readonly url: string;
}

/** Starts the containers of a pod in one network, each with what its manifest gives it, as a kubelet would. */
export async function startPod(pod: PodSpec, node: Node): Promise<Pod> {
  await makeVolumes(pod, node);
  const containers: Record<string, Docker> = {};
  const pids: Record<string, number> = {};
  let network: string | undefined;
  for (const container of pod.containers) {
    const started = await startContainer(pod, container, node, network);
    network ??= `container:${started.id}`;
    containers[container.name] = started;
    pids[container.name] = (await started.inspect()).State.Pid;
  }
  return { containers, pids, url: await urlOf(Object.values(containers)[0]) };
}

async function startContainer(
  pod: PodSpec,
  container: IContainer,
  node: Node,
  network: string | undefined,
): Promise<Docker> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const ports = (container.ports ?? []).map(({ containerPort }) => `${containerPort}/tcp`);
  const created = await dockerode.createContainer({
    Image: node.image,
    Labels: { [LABEL]: ownerLabel() },
    ...(container.command === undefined ? {} : { Entrypoint: [...container.command] }),
    Cmd: [...(container.args ?? [])],
    Env: (container.env ?? []).map(({ name, value = '' }) => `${name}=${value}`),
    User: `${container.securityContext?.runAsUser ?? ''}:${container.securityContext?.runAsGroup ?? ''}`,
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      ...rightsOf(pod, container),
      ...limitsOf(container),
      Binds: bindsOf(pod, container, node),
      ...(network === undefined ? {} : { NetworkMode: network }),
      PortBindings: Object.fromEntries(ports.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '0' }]])),
    },
  });
  await created.start();
  return created;
}

function rightsOf(pod: PodSpec, { securityContext = {} }: IContainer) {
  return {
    ReadonlyRootfs: securityContext.readOnlyRootFilesystem === true,
    Privileged: securityContext.privileged === true,
    CapDrop: [...(securityContext.capabilities?.drop ?? [])],
    CapAdd: [...(securityContext.capabilities?.add ?? [])],
    SecurityOpt: [
      ...(securityContext.allowPrivilegeEscalation === false ? ['no-new-privileges'] : []),
      ...(securityContext.appArmorProfile?.type === 'Unconfined' ? ['apparmor=unconfined'] : []),
    ],
    PidMode: pod.hostPID === true ? 'host' : '',
    GroupAdd: pod.securityContext?.fsGroup === undefined ? [] : [String(pod.securityContext.fsGroup)],
  };
}

function limitsOf({ resources }: IContainer) {
  const memory = bytesOf(resources?.limits?.['memory']);
  // None of it may be swapped out.
  return { Memory: memory, MemorySwap: memory };
}

function bindsOf(pod: PodSpec, container: IContainer, node: Node): string[] {
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => {
    const mode = readOnly === true ? 'ro' : 'rw';
    return `${sourceOf(pod, name, node)}:${mountPath}:${mode}`;
  });
  const links = (node.alsoMounted ?? []).map((path) => `${path}:${path}:ro`);
  return container.volumeMounts?.some(({ mountPath }) => mountPath.startsWith('/host/'))
    ? [...mounts, ...links]
    : mounts;
}

function sourceOf(pod: PodSpec, name: string, { root, folder }: Node): string {
  const hostPath = pod.volumes?.find((volume) => volume.name === name)?.hostPath;
  return hostPath === undefined ? join(folder, name) : join(root, hostPath.path);
}

/** As the kubelet makes them: an emptyDir is everybody's, and of the pod's group; a folder that is to be made is root's. */
async function makeVolumes(pod: PodSpec, node: Node): Promise<void> {
  for (const { name, hostPath, emptyDir } of pod.volumes ?? []) {
    const source = sourceOf(pod, name, node);
    if (hostPath?.type === 'DirectoryOrCreate') await mkdir(source, { recursive: true, mode: 0o755 });
    if (emptyDir === undefined) continue;
    await mkdir(source);
    await chown(source, 0, pod.securityContext?.fsGroup ?? 0);
    await chmod(source, 0o2777);
  }
}

async function urlOf(container: Docker | undefined): Promise<string> {
  const ports = (await container?.inspect())?.NetworkSettings.Ports ?? {};
  const [binding] = Object.values(ports).flat();
  return `http://127.0.0.1:${binding?.HostPort ?? 0}`;
}
