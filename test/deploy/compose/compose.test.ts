import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { ALL_SERVER_FLAGS } from '../../../src/allocation-server/flags.ts';
import { ALL_FLAGS } from '../../../src/flags/table.ts';
import { COMPOSE_FILE, openProject } from './project.ts';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly [key: string]: unknown;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, { readonly driver_opts?: { readonly o: string } } | null>>;
}

const FOLDER = dirname(COMPOSE_FILE);
const TOP = join(FOLDER, '../..');
const FILE = parse(readFileSync(COMPOSE_FILE, 'utf8'), { merge: true }) as ComposeFile;
const PROMETHEUS = parse(readFileSync(join(FOLDER, 'prometheus.yml'), 'utf8')) as {
  readonly rule_files: readonly string[];
  readonly alerting: { readonly alertmanagers: readonly { readonly static_configs: Targets }[] };
  readonly scrape_configs: readonly { readonly static_configs: Targets }[];
};
type Targets = readonly { readonly targets: readonly string[] }[];

function service(name: string): Service {
  const found = FILE.services[name];
  if (found === undefined) throw new Error(`compose.yaml has no service ${name}`);
  return found;
}

/** `[source, target, mode]` of each mount. */
function mountsOf(name: string): string[][] {
  return service(name).volumes.map((text) => text.split(':'));
}

/** Value of a flag in a service's command. */
function flagOf(name: string, flag: string): string | undefined {
  return service(name)
    .command?.find((word) => word.startsWith(`--${flag}=`))
    ?.slice(flag.length + 3);
}

const NAMES = ['simulator', 'allocation-server', 'exporter', 'prometheus', 'alertmanager', 'grafana'];

describe('deploy/compose', () => {
  it('is understood by Compose', async () => {
    const { services } = await (await openProject()).config();
    assert.deepEqual(Object.keys(services).sort(), NAMES.toSorted());
  });

  it('is refused by Compose with a field that it does not know', async () => {
    const project = await openProject({}, join(import.meta.dirname, 'unknown-field.yaml'));
    await assert.rejects(project.config(), /wrong_field/);
  });

  it('gives no service a right, a device or a folder of the host, and no port to other machines', () => {
    const allowed = [
      'x-',
      'image',
      'build',
      'entrypoint',
      'command',
      'environment',
      'depends_on',
      'pid',
      'network_mode',
    ];
    allowed.push('volumes', 'ports', 'healthcheck', 'read_only', 'cap_drop', 'security_opt', 'restart');
    for (const name of NAMES) {
      const described = service(name);
      assert.deepEqual(
        Object.keys(described).filter((key) => !allowed.includes(key)),
        [],
      );
      assert.deepEqual(described['cap_drop'], ['ALL']);
      assert.deepEqual(described['security_opt'], ['no-new-privileges:true']);
      if (name !== 'grafana') assert.equal(described['read_only'], true, name);
      for (const port of described.ports ?? []) assert.match(port, /^127\.0\.0\.1:\$\{[A-Z]+_PORT:-(\d+)\}:\1$/);
      for (const [source = '', , mode] of mountsOf(name)) {
        if (!source.startsWith('.')) continue;
        assert.ok(existsSync(join(FOLDER, source)), source);
        assert.equal(mode, 'ro', source);
        assert.ok(join(FOLDER, source).startsWith(TOP), source);
      }
    }
  });

  it('has only flags that the programs know, and paths that are in the same volumes', () => {
    const known = (flags: readonly { readonly name: string }[]): Set<string> => new Set(flags.map(({ name }) => name));
    for (const [name, flags] of [
      ['exporter', known(ALL_FLAGS)],
      ['allocation-server', known(ALL_SERVER_FLAGS)],
    ] as const) {
      const names = (service(name).command ?? []).map((word) => word.replace(/^--/, '').replace(/=.*$/, ''));
      assert.deepEqual(
        names.filter((flag) => !flags.has(flag)),
        [],
      );
      assert.equal(service(name)['pid'], 'service:simulator');
      assert.equal(flagOf(name, 'path.sysfs'), '/simulated/host/sys');
      assert.equal(flagOf(name, 'path.shm'), '/simulated/host/dev/shm');
    }
    const socket = flagOf('allocation-server', 'socket.path');
    assert.equal(flagOf('exporter', 'allocation-server.socket'), socket);
    const script = readFileSync(join(FOLDER, 'simulated-host.mjs'), 'utf8');
    assert.ok(script.includes(`'${socket ?? ''}'`) && script.includes("'/simulated/host'"));
    const writes = (['simulator', 'allocation-server', 'exporter'] as const).map((name) =>
      mountsOf(name).map(([source, target, mode = 'rw']) => `${source ?? ''} ${target ?? ''} ${mode}`),
    );
    assert.deepEqual(writes, [
      ['simulated /simulated rw', 'server /run/tenstorrent ro'],
      ['simulated /simulated ro', 'server /run/tenstorrent rw'],
      ['simulated /simulated ro', 'server /run/tenstorrent ro'],
    ]);
  });

  it('gives the simulated host to the user of the image', () => {
    const dockerfile = readFileSync(join(TOP, 'deploy/docker/Dockerfile'), 'utf8');
    const user = /^USER (\d+):(\d+)$/m.exec(dockerfile);
    const options = FILE.volumes['simulated']?.driver_opts?.o.split(',') ?? [];
    assert.deepEqual(options.slice(0, 2), [`uid=${user?.[1] ?? ''}`, `gid=${user?.[2] ?? ''}`]);
  });

  it('has every service ask the next one where that listens', () => {
    const listens = (name: string): string => `${name}:${service(name).ports?.[0]?.replace(/^.*:/, '') ?? ''}`;
    const targets = (configs: readonly { readonly static_configs: Targets }[]): readonly string[] =>
      configs.flatMap(({ static_configs: all }) => all.flatMap((one) => one.targets));
    assert.deepEqual(targets(PROMETHEUS.scrape_configs), [listens('exporter')]);
    assert.deepEqual(targets(PROMETHEUS.alerting.alertmanagers), [listens('alertmanager')]);
    assert.equal(service('grafana').environment?.['PROMETHEUS_URL'], `http://${listens('prometheus')}`);
    assert.equal(ALL_FLAGS.find(({ name }) => name === 'web.listen-address')?.defaultText, ':10072');
    assert.equal(listens('exporter'), 'exporter:10072');
  });

  it('mounts rules, dashboards and their provisioning where they are looked for', () => {
    const at = (name: string): Record<string, string> =>
      Object.fromEntries(mountsOf(name).map(([source = '', target = '']) => [source, target]));
    assert.deepEqual(PROMETHEUS.rule_files, [`${at('prometheus')['../../alerts'] ?? ''}/*.yml`]);
    assert.equal(flagOf('prometheus', 'config.file'), at('prometheus')['./prometheus.yml']);
    assert.equal(flagOf('prometheus', 'storage.tsdb.path'), at('prometheus')['prometheus']);
    const alertmanager = at('alertmanager');
    const example = `${alertmanager['../../alerts/alertmanager'] ?? ''}/alertmanager.yml`;
    assert.equal(flagOf('alertmanager', 'config.file'), example);
    assert.equal(flagOf('alertmanager', 'storage.path'), alertmanager['alertmanager']);
    const provisioned = parse(readFileSync(join(TOP, 'grafana/provisioning/dashboards/tenstorrent.yaml'), 'utf8')) as {
      readonly providers: readonly { readonly options: { readonly path: string } }[];
    };
    const dashboards = at('grafana')['../../grafana/dashboards'];
    assert.deepEqual(
      provisioned.providers.map(({ options }) => options.path),
      [dashboards],
    );
    assert.equal(at('grafana')['../../grafana/provisioning'], '/etc/grafana/provisioning');
    const home = service('grafana').environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'];
    assert.equal(home, `${dashboards ?? ''}/fleet.json`);
    assert.ok(existsSync(join(TOP, 'grafana/dashboards/fleet.json')));
  });
});
