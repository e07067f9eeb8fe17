import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { FlagError } from '../../src/flags/flag-error.ts';
import { defaultSettings, parseCommandLine } from '../../src/flags/parse.ts';
import type { Settings } from '../../src/flags/table.ts';

function settingsOf(...args: string[]): Settings {
  return parseCommandLine(args).settings;
}

function refusal(...args: string[]): string {
  try {
    parseCommandLine(args);
  } catch (error) {
    assert.ok(error instanceof FlagError);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  throw new assert.AssertionError({ message: `was taken: ${args.join(' ')}` });
}

describe('the command line', () => {
  it('has these defaults', () => {
    assert.deepEqual(settingsOf(), {
      help: false,
      version: false,
      listenAddresses: [{ kind: 'tcp', host: undefined, port: 10072, text: ':10072' }],
      telemetryPath: '/metrics',
      timeoutOffsetSeconds: 0.5,
      maxRequests: 40,
      webConfigFile: undefined,
      disableExporterMetrics: false,
      otelPrometheusPath: undefined,
      sysfsPath: '/sys',
      pcieCounters: false,
      procfsPath: '/proc',
      shmPath: '/dev/shm',
      podLogsPath: '/var/log/pods',
      podResourcesSocket: undefined,
      socketPath: '/tmp/tt_allocation_server.sock',
      socketOwner: undefined,
      memorySource: 'auto',
      maxProcesses: 64,
      processDetail: 'pid',
      processUser: false,
      capacityConfigFile: undefined,
      devicesExpected: undefined,
      maintenanceFile: undefined,
      reader: { kind: 'fork' },
      readerListen: undefined,
      readerSocketMode: 0o660,
      readerSocketGroup: undefined,
      watchSeconds: undefined,
      devices: [],
      json: false,
      colour: true,
      ascii: false,
      from: undefined,
      readTimeoutSeconds: 5,
      clean: false,
      waitSeconds: 0,
      baselineFile: undefined,
      bundleFile: undefined,
      logLevel: 'info',
      logFormat: 'logfmt',
      collectors: ['allocation_server', 'shared_memory', 'sysfs', 'procfs', 'kubernetes'],
    });
    assert.deepEqual(defaultSettings(), settingsOf());
  });

  it('lets a flag of a command stand alone, or take a number behind it, but not the next flag', () => {
    const watched = (...args: string[]) => settingsOf('smi', ...args).watchSeconds;
    assert.deepEqual(
      [watched(), watched('--watch'), watched('--watch=0.5'), watched('--watch', '1m'), watched('--watch', '--json')],
      [undefined, 2, 0.5, 60, 2],
    );
    assert.deepEqual(settingsOf('smi', '--device', '0', '--device=1R').devices, ['0', '1R']);
    assert.equal(settingsOf('smi', '--from', 'host:10072').from?.href, 'http://host:10072/');
    assert.equal(
      refusal('smi', '--from', 'http://'),
      '--from: "http://" is not a URL: give one as in http://host:10072',
    );
    assert.match(refusal('smi', '--device=../x'), /^--device: .* is not the name of a chip/);
    assert.match(refusal('smi', '--watch=0'), /is not between 0.1 s and a day$/);
  });

  it('takes a value behind an equals sign or as the next argument', () => {
    assert.equal(settingsOf('--path.sysfs=/a=b').sysfsPath, '/a=b');
    assert.equal(settingsOf('--path.sysfs', '/a', '--path.shm', '/b').shmPath, '/b');
  });

  it('lets the last one win, and adds up only what is repeatable', () => {
    assert.equal(settingsOf('--path.sysfs=/a', '--path.sysfs=/b').sysfsPath, '/b');
    assert.equal(settingsOf('--no-collector.sysfs', '--collector.sysfs').collectors.includes('sysfs'), true);
    assert.equal(settingsOf('--collector.sysfs', '--no-collector.sysfs').collectors.includes('sysfs'), false);
    assert.deepEqual(
      settingsOf('--web.listen-address=:1', '--web.listen-address', '[::1]:2').listenAddresses.map((a) => a.text),
      [':1', '[::1]:2'],
    );
  });

  it('takes switches with --no- and with true or false', () => {
    assert.equal(settingsOf('--web.disable-exporter-metrics').disableExporterMetrics, true);
    assert.equal(settingsOf('--no-web.disable-exporter-metrics').disableExporterMetrics, false);
    assert.equal(settingsOf('--collector.procfs=false').collectors.includes('procfs'), false);
    assert.equal(settingsOf('--no-collector.procfs=false').collectors.includes('procfs'), true);
    assert.equal(settingsOf('-h').help, true);
  });

  it('hands the reading side all that it needs', () => {
    const args =
      '--path.sysfs=/1 --path.procfs=/2 --path.shm=/3 --allocation-server.socket=/4 --allocation-server.owner=tt';
    const more = '--no-collector.shared_memory --memory.source=shared-memory --capacity.config.file=/5';
    const rest =
      '--devices.expected=32 --maintenance.file=/6 --process.detail=none --process.user --memory.max-processes=9 --sysfs.pcie-counters';
    assert.deepEqual(collectorConfig(settingsOf(...`${args} ${more} ${rest}`.split(' '))), {
      sysfsPath: '/1',
      pcieCounters: true,
      procfsPath: '/2',
      shmPath: '/3',
      podLogsPath: '/var/log/pods',
      podResourcesSocket: undefined,
      socketPath: '/4',
      socketOwner: 'tt',
      collectors: ['allocation_server', 'sysfs', 'procfs', 'kubernetes'],
      memorySource: 'shared-memory',
      processDetail: 'none',
      processUser: true,
      maxProcesses: 9,
      capacityConfigFile: '/5',
      devicesExpected: 32,
      maintenanceFile: '/6',
    });
  });

  it('knows the command reader and the flags that it takes', () => {
    const { command, settings } = parseCommandLine(['reader', '--listen=/run/tt.sock', '--path.sysfs=/a']);
    assert.equal(command.name, 'reader');
    assert.deepEqual(settings.readerListen, { kind: 'unix', path: '/run/tt.sock' });
    assert.equal(settings.sysfsPath, '/a');
    assert.deepEqual(parseCommandLine(['reader', '--listen=fd:3']).settings.readerListen, {
      kind: 'descriptor',
      fd: 3,
    });
    assert.match(refusal('reader', '--web.listen-address=:1'), /^unknown flag --web.listen-address/);
    assert.match(refusal('--listen=/x'), /^unknown flag --listen/);
    assert.equal(refusal('reader'), 'the reader needs a socket: give --listen=/path');
    assert.equal(parseCommandLine(['reader', '--help']).settings.help, true);
  });
});

describe('a bad command line', () => {
  it('names the nearest flag that there is', () => {
    assert.equal(
      refusal('--web.listen-adress=:1'),
      'unknown flag --web.listen-adress: did you mean --web.listen-address? See --help',
    );
    assert.equal(
      refusal('--no-colector.sysfs'),
      'unknown flag --no-colector.sysfs: did you mean --no-collector.sysfs? See --help',
    );
    assert.equal(refusal('-x'), 'unknown flag -x: see --help');
    assert.equal(refusal('--no-path.sysfs'), 'unknown flag --no-path.sysfs: did you mean --path.sysfs? See --help');
  });

  it('says what is wrong with a value and how to mend it', () => {
    const cases: readonly (readonly [string, string])[] = [
      [
        '--web.listen-address=10072',
        '--web.listen-address: "10072" is not an address: give host:port, :port, [ipv6]:port or unix:/path',
      ],
      ['--web.max-requests=-1', '--web.max-requests: "-1" is not a whole number of 0 or more'],
      ['--devices.expected=3.5', '--devices.expected: "3.5" is not a whole number of 0 or more'],
      [
        '--web.timeout-offset=soon',
        '--web.timeout-offset: "soon" is not a duration: give seconds, as in 0.5, or 500ms, 1m30s',
      ],
      ['--log.level=loud', '--log.level: "loud" is not one of debug, info, warn, error'],
      ['--log.format=xml', '--log.format: "xml" is not one of logfmt, json'],
      ['--memory.source=both', '--memory.source: "both" is not one of auto, allocation-server, shared-memory'],
      ['--path.sysfs=', '--path.sysfs: an empty path cannot be read: leave the flag out'],
      ['--reader=thread', '--reader: "thread" is not a reader: give fork, inline or unix:/path'],
      ['--reader=unix:x', '--reader: "x" is not the path of a socket: give an absolute one'],
      ['--allocation-server.owner=a b', '--allocation-server.owner: "a b" is not a user: give a name or a number'],
      [
        '--web.telemetry-path=/-/ready',
        '--web.telemetry-path: "/-/ready" is taken by the health checks: give another path',
      ],
      ['--path.sysfs', '--path.sysfs needs a value, as in --path.sysfs=/sys'],
      ['--maintenance.file', '--maintenance.file needs a value, as in --maintenance.file=FILE'],
      ['--collector.sysfs=maybe', '--collector.sysfs takes no value, got "maybe": give --collector.sysfs alone'],
      ['--', 'unexpected argument "--": flags begin with --, see --help'],
      ['raeder', 'unknown command "raeder": there is reader, smi, top, check; without one the exporter runs'],
    ];
    for (const [arg, message] of cases) assert.equal(refusal(arg), message);
    assert.match(refusal('--web.telemetry-path=metrics'), /is not the path of a page: give one as \/metrics/);
    assert.equal(refusal('--log.level=info', 'x'), 'unexpected argument "x": flags begin with --, see --help');
    assert.equal(refusal('--path.shm', '--path.sysfs=/x'), '--path.shm needs a value, as in --path.shm=/dev/shm');
  });
});
