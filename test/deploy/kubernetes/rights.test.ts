import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IDaemonSet } from 'kubernetes-models/apps/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { IContainer, IService, IServiceAccount } from 'kubernetes-models/v1';
import { renderExamples } from './examples.ts';
import { containerOf, podOf, theOnly } from './manifest.ts';
import type { Manifest, PodSpec } from './manifest.ts';
import type { ISecurityContextConstraints } from './security-context-constraints.ts';

const EXAMPLES = await renderExamples();

const LEAST = {
  privileged: false,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const NOBODY = { runAsUser: 65_532, runAsGroup: 65_532, runAsNonRoot: true };

/** What of a pod reaches beyond it. */
const OUTWARD = ['hostIPC', 'hostNetwork', 'hostPID', 'shareProcessNamespace', 'serviceAccountName'] as const;

describe('of each example', () => {
  for (const { name, manifests } of EXAMPLES) {
    const daemonSets = manifests.filter((one): one is Manifest & IDaemonSet => one.kind === 'DaemonSet');

    it(`${name}: no container has more than the least, but for the reader two capabilities`, () => {
      const containers = daemonSets.flatMap(({ spec }) => spec?.template.spec?.containers ?? []);
      const contexts = Object.fromEntries(containers.map((one) => [one.name, one.securityContext]));
      const withRights = name !== 'without-rights';
      const isOpenShift = name === 'openshift';
      assert.deepEqual(contexts, {
        exporter: { ...LEAST, ...NOBODY },
        reader: {
          ...LEAST,
          ...(withRights ? { ...NOBODY, runAsUser: 0, runAsNonRoot: false } : NOBODY),
          ...(withRights ? { capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH', 'SYS_PTRACE'] } } : {}),
          ...(isOpenShift ? { seLinuxOptions: { type: 'spc_t' } } : {}),
          ...(isOpenShift ? {} : { appArmorProfile: { type: withRights ? 'Unconfined' : 'RuntimeDefault' } }),
        },
        ...(name === 'allocation-server'
          ? { 'allocation-server': { ...LEAST, runAsUser: 0, runAsGroup: 0, runAsNonRoot: false } }
          : {}),
      });
    });

    it(`${name}: pods have the host's PIDs, no token, and nothing else that reaches out`, () => {
      for (const { spec } of daemonSets) {
        const pod = spec?.template.spec;
        assert.ok(pod);
        const outward = OUTWARD.filter((key) => pod[key] === true);
        assert.deepEqual(outward, ['hostPID']);
        assert.equal(pod.automountServiceAccountToken, false);
        assert.equal(pod.enableServiceLinks, false);
        assert.deepEqual(
          pod.containers.flatMap(({ ports = [] }) => ports).filter(({ hostPort }) => hostPort !== undefined),
          [],
        );
      }
    });

    it(`${name}: the host's folders are for reading, and none has devices`, () => {
      const pod = podOf(manifests);
      const hostPaths = (pod.volumes ?? []).flatMap(({ name: volume, hostPath }) =>
        hostPath === undefined ? [] : [{ volume, path: hostPath.path }],
      );
      const mounts = containerOf(pod, 'reader').volumeMounts ?? [];
      for (const { volume, path } of hostPaths) {
        assert.ok(path === '/dev/shm' || !/^\/($|dev|etc|root|home|var\/run|run\/containerd)/.test(path), path);
        const { readOnly, recursiveReadOnly } = mounts.find((mount) => mount.name === volume) ?? {};
        assert.deepEqual({ readOnly, recursiveReadOnly }, { readOnly: true, recursiveReadOnly: 'IfPossible' }, path);
      }
      const exporters = containerOf(pod, 'exporter').volumeMounts ?? [];
      assert.deepEqual(
        exporters.filter((mount) => hostPaths.some(({ volume }) => volume === mount.name)),
        [],
      );
    });

    it(`${name}: every volume is mounted, and every mount is of a volume`, () => {
      for (const { spec } of daemonSets) {
        const pod = spec?.template.spec;
        assert.ok(pod);
        assert.deepEqual(mountedVolumes(pod), (pod.volumes ?? []).map((volume) => volume.name).sort());
      }
    });

    it(`${name}: what is selected is there`, () => {
      const labels = daemonSets.map(({ spec }) => ({ ...spec?.template.metadata?.labels }));
      for (const [index, { spec }] of daemonSets.entries()) {
        assert.deepEqual(
          labels.filter((one) => includes(one, { ...spec?.selector.matchLabels })),
          [labels[index]],
        );
      }
      const isPod = (one: Record<string, string>): boolean => labels.some((pod) => includes(pod, one));
      for (const selected of selectors(manifests)) assert.ok(isPod(selected), JSON.stringify(selected));
    });
  }
});

it('a ServiceMonitor finds the service, and calls a target by its node', () => {
  const { manifests } = exampleOf('prometheus-operator');
  const service = theOnly<IService & Manifest>(manifests, 'Service');
  const { spec } = theOnly<IServiceMonitor & Manifest>(manifests, 'ServiceMonitor');
  assert.ok(includes({ ...service.metadata.labels }, { ...spec.selector.matchLabels }));
  assert.deepEqual(spec.namespaceSelector, { matchNames: [service.metadata.namespace] });
  const [endpoint] = spec.endpoints;
  assert.equal(endpoint?.port, service.spec?.ports?.[0]?.name);
  assert.deepEqual(endpoint?.relabelings, [
    { sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'instance' },
  ]);
});

it('the exporter may be asked from one namespace, and asks nobody; the allocation server has no network', () => {
  const { manifests } = exampleOf('allocation-server');
  const [exporter, server] = manifests
    .filter((one): one is Manifest & INetworkPolicy => one.kind === 'NetworkPolicy')
    .map(({ spec }) => ({ types: spec?.policyTypes, ingress: spec?.ingress, egress: spec?.egress }));
  const types = ['Ingress', 'Egress'];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } };
  const ports = [{ port: 'metrics', protocol: 'TCP' }];
  assert.deepEqual(exporter, { types, ingress: [{ from: [{ namespaceSelector }], ports }], egress: [] });
  assert.deepEqual(server, { types, ingress: [], egress: [] });
});

it('the allocation server writes to one folder of its own, and only deleting its pod replaces it', () => {
  const { manifests } = exampleOf('allocation-server');
  const pod = podOf(manifests, '-server');
  assert.deepEqual(pod.volumes, [
    { name: 'socket', hostPath: { path: '/run/tt-allocation-server', type: 'DirectoryOrCreate' } },
    { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
  ]);
  const daemonSet = theOnly<IDaemonSet & Manifest>(manifests, 'DaemonSet', '-server');
  assert.deepEqual(daemonSet.spec?.updateStrategy, { type: 'OnDelete' });
});

it("OpenShift's constraints allow what the pods take, to the service account of the pods only", () => {
  const { manifests } = exampleOf('openshift');
  const { metadata, ...constraints } = theOnly<ISecurityContextConstraints & Manifest>(
    manifests,
    'SecurityContextConstraints',
  );
  const reader: IContainer = containerOf(podOf(manifests), 'reader');
  const account = theOnly<IServiceAccount & Manifest>(manifests, 'ServiceAccount').metadata.name;
  assert.equal(metadata.name, account);
  const any = { type: 'RunAsAny' };
  assert.deepEqual(constraints, {
    apiVersion: 'security.openshift.io/v1',
    kind: 'SecurityContextConstraints',
    users: [`system:serviceaccount:tenstorrent:${account}`],
    groups: [],
    priority: null,
    allowHostDirVolumePlugin: true,
    allowHostPID: true,
    allowHostIPC: false,
    allowHostNetwork: false,
    allowHostPorts: false,
    allowPrivilegedContainer: false,
    allowPrivilegeEscalation: false,
    defaultAllowPrivilegeEscalation: false,
    allowedCapabilities: reader.securityContext?.capabilities?.add,
    defaultAddCapabilities: [],
    requiredDropCapabilities: ['KILL', 'MKNOD', 'SETUID', 'SETGID'],
    readOnlyRootFilesystem: true,
    runAsUser: any,
    seLinuxContext: any,
    fsGroup: any,
    supplementalGroups: any,
    seccompProfiles: ['runtime/default'],
    volumes: ['configMap', 'emptyDir', 'hostPath', 'secret'],
  });
});

function exampleOf(name: string): (typeof EXAMPLES)[number] {
  const example = EXAMPLES.find((one) => one.name === name);
  assert.ok(example);
  return example;
}

function mountedVolumes(pod: PodSpec): string[] {
  const mounts = pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
  return [...new Set(mounts.map((mount) => mount.name))].sort();
}

function includes(labels: Readonly<Record<string, string>>, some: Readonly<Record<string, string>>): boolean {
  return Object.entries(some).every(([key, value]) => labels[key] === value);
}

/** What chooses pods or services by their labels. */
interface Selecting {
  readonly spec: {
    readonly podSelector?: { readonly matchLabels: Record<string, string> };
    readonly selector?: Record<string, string> | { readonly matchLabels: Record<string, string> };
  };
}

/** The labels by which services, policies and PodMonitors choose pods. */
function selectors(manifests: readonly Manifest[]): Record<string, string>[] {
  const choosing = manifests.filter((one): one is Manifest & Selecting =>
    ['Service', 'PodMonitor', 'NetworkPolicy'].includes(one.kind),
  );
  return choosing.map(({ spec }) => labelsOf(spec.podSelector ?? spec.selector));
}

function labelsOf(selector: Selecting['spec']['selector']): Record<string, string> {
  assert.ok(selector);
  return typeof selector['matchLabels'] === 'object' ? selector['matchLabels'] : (selector as Record<string, string>);
}
