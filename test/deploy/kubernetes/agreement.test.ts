import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import type { IContainer, IService } from 'kubernetes-models/v1';
import { parseServerCommandLine } from '../../../src/allocation-server/flags.ts';
import { parseCapacityConfig } from '../../../src/capacity/config.ts';
import { parseListenAddress } from '../../../src/flags/listen-address.ts';
import { parseCommandLine } from '../../../src/flags/parse.ts';
import { poolSizeFor } from '../../../src/io/pool-size.ts';
import { MALLOC_SETTINGS } from '../../../src/reader/memory.ts';
import { renderExamples } from './examples.ts';
import { containerOf, podOf, theOnly } from './manifest.ts';
import type { Manifest, PodSpec } from './manifest.ts';

const EXAMPLES = await renderExamples();

/** What the program reads there on a host. */
const HOST_PATHS: readonly (readonly ['sysfsPath' | 'procfsPath' | 'shmPath', string])[] = [
  ['sysfsPath', '/sys'],
  ['procfsPath', '/proc'],
  ['shmPath', '/dev/shm'],
];

for (const { name, manifests } of EXAMPLES) {
  describe(`in the example ${name}`, () => {
    const pod = podOf(manifests);
    const exporter = containerOf(pod, 'exporter');
    const reader = containerOf(pod, 'reader');
    const asked = parseCommandLine(exporter.args ?? []);
    const answering = parseCommandLine(reader.args ?? []);

    it('the programs understand their flags, and meet at a socket in a folder that both have', () => {
      assert.equal(asked.command.name, '');
      assert.equal(answering.command.name, 'reader');
      const path = '/run/tenstorrent-exporter/reader.sock';
      assert.deepEqual(asked.settings.reader, { kind: 'unix', path });
      assert.deepEqual(answering.settings.readerListen, { kind: 'unix', path });
      for (const container of [exporter, reader]) {
        const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === dirname(path));
        assert.deepEqual(mount, { name: 'socket', mountPath: dirname(path) });
      }
      assert.deepEqual(volumeOf(pod, 'socket'), { name: 'socket', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
    });

    it('what the reader reads is what the host has there', () => {
      const { settings } = answering;
      for (const [key, path] of HOST_PATHS) assert.equal(onHost(pod, reader, settings[key]), path);
      if (!settings.collectors.includes('kubernetes')) return;
      if (settings.podResourcesSocket === undefined) {
        assert.equal(onHost(pod, reader, settings.podLogsPath), '/var/log/pods');
        assert.equal(onHost(pod, reader, `${dirname(settings.podLogsPath)}/containers`), '/var/log/containers');
      } else {
        // kubernetes: pkg/kubelet/apis/podresources/constants.go
        const kubelet = '/var/lib/kubelet/pod-resources/kubelet.sock';
        assert.equal(onHost(pod, reader, settings.podResourcesSocket), kubelet);
      }
    });

    it('the reader asks the allocation server where that listens', () => {
      const { socketPath, collectors } = answering.settings;
      const servers = manifests.filter((one) => one.kind === 'DaemonSet' && one.metadata.name.endsWith('-server'));
      if (servers.length === 0) {
        if (!collectors.includes('allocation_server')) return;
        assert.equal(onHost(pod, reader, socketPath), '/tmp/tt_allocation_server.sock');
        return;
      }
      const serverPod = podOf(servers, '-server');
      const server = containerOf(serverPod, 'allocation-server');
      assert.deepEqual(server.command, ['tt-allocation-server']);
      const settings = parseServerCommandLine(server.args ?? []);
      assert.equal(onHost(serverPod, server, settings.socketPath), onHost(pod, reader, socketPath));
    });

    it('a file for maintenance and one with capacities are where the reader looks', () => {
      const { maintenanceFile, capacityConfigFile } = answering.settings;
      if (maintenanceFile !== undefined) {
        assert.equal(onHost(pod, reader, maintenanceFile), '/run/tenstorrent/maintenance');
      }
      const configMap = manifests.find(({ metadata }) => metadata.name.endsWith('-capacity'));
      assert.equal(configMap === undefined, capacityConfigFile === undefined);
      if (configMap === undefined || capacityConfigFile === undefined) return;
      const mount = reader.volumeMounts?.find(({ mountPath }) => mountPath === dirname(capacityConfigFile));
      assert.equal(volumeOf(pod, mount?.name ?? '').configMap?.name, configMap.metadata.name);
      const { data } = configMap as Manifest & { readonly data: Readonly<Record<string, string>> };
      const config = parseCapacityConfig(data['capacity.yaml'] ?? '', 'capacity.yaml');
      assert.equal(config.serials.get('0000040131924062')?.dramBytes, 34_359_738_368);
    });

    it('the port is the same for the program, the container, the probes and the service', () => {
      const [port] = exporter.ports ?? [];
      assert.deepEqual(exporter.ports, [{ name: 'metrics', containerPort: 10_072, protocol: 'TCP' }]);
      assert.deepEqual(asked.settings.listenAddresses, [parseListenAddress(`:${port?.containerPort ?? 0}`)]);
      const probes = [exporter.livenessProbe, exporter.readinessProbe].map(
        (probe) => probe?.httpGet ?? probe?.tcpSocket,
      );
      assert.deepEqual(
        probes.map((probe) => probe?.port),
        ['metrics', 'metrics'],
      );
      const service = theOnly<IService & Manifest>(manifests, 'Service');
      assert.deepEqual(
        service.spec?.ports?.map(({ targetPort }) => targetPort),
        ['metrics'],
      );
    });

    it('the reader has the threads and the memory settings that a forked one has', () => {
      assert.deepEqual(reader.env, [
        { name: 'UV_THREADPOOL_SIZE', value: String(poolSizeFor(2)) },
        ...Object.entries(MALLOC_SETTINGS).map(([name, value]) => ({ name, value })),
      ]);
    });
  });
}

function volumeOf(pod: PodSpec, name: string): NonNullable<PodSpec['volumes']>[number] {
  const volume = pod.volumes?.find((one) => one.name === name);
  assert.ok(volume, `no volume ${name}`);
  return volume;
}

/** What of the host a container sees at a path. */
function onHost(pod: PodSpec, container: IContainer, path: string): string {
  const mount = container.volumeMounts?.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
  assert.ok(mount, `nothing is mounted at ${path}`);
  const { hostPath } = volumeOf(pod, mount.name);
  assert.ok(hostPath, `${path} is not of the host`);
  return `${hostPath.path}${path.slice(mount.mountPath.length)}`;
}
