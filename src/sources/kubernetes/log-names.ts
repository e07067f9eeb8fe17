import type { ContainerName, PodName } from './types.ts';

/** A DNS label (RFC 1123), which a namespace and a container are; neither it nor a pod's name can have a `_`. */
const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
/** A DNS subdomain, which a pod's name is. */
const SUBDOMAIN = '[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?';
/** A UUID, or the MD5 sum that the kubelet makes of the manifest of a static pod. */
const POD_UID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}';

const NAMESPACE_NAME = new RegExp(`^${LABEL}$`);
const POD_NAME = new RegExp(`^${SUBDOMAIN}$`);
const POD_FOLDER = new RegExp(`^(${LABEL})_(${SUBDOMAIN})_(${POD_UID})$`);
const CONTAINER_LINK = new RegExp(`^(${SUBDOMAIN})_(${LABEL})_(${LABEL})-([0-9a-f]{64})\\.log$`);

/**
 * A pod by the name of its log folder, `<namespace>_<pod>_<uid>` (kubelet: kuberuntime/helpers.go,
 * BuildPodLogsDirectory); undefined where it is no such name.
 */
export function parsePodFolder(name: string): { readonly uid: string; readonly pod: PodName } | undefined {
  const [, podNamespace, podName, uid] = POD_FOLDER.exec(name) ?? [];
  if (podNamespace === undefined || podName === undefined || uid === undefined) return undefined;
  return { uid, pod: { podName, podNamespace } };
}

/**
 * A container by the name of the link that the kubelet makes once it has started it,
 * `<pod>_<namespace>_<container>-<container id>.log` (kubelet: kuberuntime/legacy.go, legacyLogSymlink). A name that was
 * cut to 251 characters has no whole id and is none.
 */
export function parseContainerLink(
  name: string,
): { readonly id: string; readonly container: ContainerName } | undefined {
  const [, podName, podNamespace, containerName, id] = CONTAINER_LINK.exec(name) ?? [];
  if (podName === undefined || podNamespace === undefined || containerName === undefined || id === undefined) {
    return undefined;
  }
  return { id, container: { podName, podNamespace, containerName } };
}

/** Whether it can be a container's name, and so that of its folder in the pod's. */
export function isContainerName(name: string): boolean {
  return NAMESPACE_NAME.test(name);
}

export function isPodName({ podName, podNamespace }: PodName): boolean {
  return POD_NAME.test(podName) && NAMESPACE_NAME.test(podNamespace);
}
