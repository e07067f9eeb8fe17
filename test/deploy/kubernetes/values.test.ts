import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { renderExamples } from './examples.ts';
import { CHART } from './places.ts';
import { renderChart } from './renderer.ts';

type Values = Readonly<Record<string, unknown>>;

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const SCHEMA = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
const DEFAULTS = parse(await readFile(join(CHART, 'values.yaml'), 'utf8')) as Values;
const validate = new Ajv({ allErrors: true }).compile(SCHEMA);

/** What Helm checks: the defaults with values laid over them. */
function faults(values: Values): string[] {
  validate(over(DEFAULTS, values));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

it('the schema takes the defaults and every example', async () => {
  assert.deepEqual(faults({}), []);
  for (const { name, file } of await renderExamples()) {
    assert.deepEqual(faults(parse(await readFile(file, 'utf8')) as Values), [], name);
  }
});

it('the schema has a type for every value, and no value that the chart has not', () => {
  const ofEveryChart = ['global'];
  assert.deepEqual(keysOfSchema(SCHEMA), [...keysOf(DEFAULTS), ...ofEveryChart].sort());
});

/** Values that would do something else than was meant, and what is said of each. */
const BAD: readonly (readonly [Values, RegExp])[] = [
  [{ readers: {} }, /^ must NOT have additional properties/],
  [{ reader: { capabilites: [] } }, /^\/reader must NOT have additional/],
  [{ reader: { capabilities: ['SYS_ADMIN'] } }, /^\/reader\/capabilities\/0 must be equal to one of/],
  [{ reader: { capabilities: ['SYS_PTRACE', 'SYS_PTRACE'] } }, /^\/reader\/capabilities must NOT have duplicate/],
  [{ reader: { appArmorProfile: 'Localhost' } }, /^\/reader\/appArmorLocalhostProfile must NOT have fewer/],
  [{ reader: { appArmorLocalhostProfile: 'mine' } }, /^\/reader\/appArmorLocalhostProfile must NOT have more/],
  [{ reader: { extraArgs: ['process.detail=none'] } }, /^\/reader\/extraArgs\/0 must match/],
  [{ reader: { resources: { limits: { memory: 268_435_456 } } } }, /^\/reader\/resources\/limits\/memory must/],
  [{ reader: { resources: { limits: { memory: '256MB' } } } }, /^\/reader\/resources\/limits\/memory must match/],
  [{ exporter: { port: 443 } }, /^\/exporter\/port must be >= 1024/],
  [{ exporter: { port: '10072' } }, /^\/exporter\/port must be integer/],
  [{ exporter: { user: 0 } }, /^\/exporter\/user must be >= 1/],
  [{ image: { repository: 'registry.example.com/tenstorrent-exporter:1.0' } }, /^\/image\/repository must match/],
  [{ image: { digest: 'sha256:12' } }, /^\/image\/digest must match/],
  [{ monitor: { kind: 'servicemonitor' } }, /^\/monitor\/kind must be equal to one of/],
  [{ monitor: { interval: 15 } }, /^\/monitor\/interval must be string/],
  [{ allocationServer: { mode: 'both' } }, /^\/allocationServer\/mode must be equal to one of/],
  [{ allocationServer: { daemonset: { directory: '/tmp' } } }, /^\/allocationServer\/daemonset\/directory must NOT/],
  [{ allocationServer: { host: { owner: 'metal' } } }, /^\/allocationServer\/host\/owner must match/],
  [{ allocationServer: { host: { socket: 'tt.sock' } } }, /^\/allocationServer\/host\/socket must match/],
  [{ maintenance: { file: '/run/../etc/maintenance' } }, /^\/maintenance\/file must match/],
  [{ capacity: { boards: {} } }, /^\/capacity must be string/],
  [{ updateStrategy: { maxUnavailable: '0%' } }, /^\/updateStrategy\/maxUnavailable must match/],
  [{ tolerations: { operator: 'Exists' } }, /^\/tolerations must be array/],
  [{ nodeLabels: [{ key: 'tenstorrent.com/has-tt' }] }, /^\/nodeLabels\/0 must have required property 'value'/],
  [{ podLabels: { team: 7 } }, /^\/podLabels\/team must be string/],
];

it('the schema refuses what is misspelt, of the wrong kind, or takes too much', () => {
  for (const [values, complaint] of BAD) {
    const found = faults(values);
    assert.ok(
      found.some((one) => complaint.test(one)),
      `${JSON.stringify(values)}: ${found.join('; ') || 'taken'}`,
    );
  }
});

it('the chart says what it needs where no image is named', async () => {
  await assert.rejects(renderChart(), /say where your registry has the image: image\.repository/);
});

function over(below: Values, above: Values): Values {
  const entries = Object.entries(above).map(([key, value]) => {
    const before = below[key];
    return [key, isRecord(value) && isRecord(before) ? over(before, value) : value] as const;
  });
  return { ...below, ...Object.fromEntries(entries) };
}

/** Dotted, down to where the chart leaves the rest to whoever gives values. */
function keysOf(values: Values, path = ''): string[] {
  return Object.entries(values)
    .flatMap(([key, value]) =>
      isRecord(value) && !isFree(`${path}${key}`) ? keysOf(value, `${path}${key}.`) : [`${path}${key}`],
    )
    .sort();
}

function keysOfSchema({ properties = {} }: Schema, path = ''): string[] {
  return Object.entries(properties)
    .flatMap(([key, inner]) => (inner.properties ? keysOfSchema(inner, `${path}${key}.`) : [`${path}${key}`]))
    .sort();
}

/** Maps whose keys are not the chart's. */
function isFree(path: string): boolean {
  return /(?:abels|nnotations|resources|tlsConfig|basicAuth)$/.test(path);
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
