/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof PROTOCOLS)[number];

/** What a counter's points say: all that was counted since it began, or since the point before. */
export type Temporality = 'cumulative' | 'delta';

/** How metrics are pushed; what is not here the official exporters read themselves: headers, certificates, compression. */
export interface PushSettings {
  readonly protocol: OtlpProtocol;
  /** Without what may be secret, for the log. */
  readonly endpoint: string;
  readonly temporality: Temporality;
  readonly intervalMs: number;
  /** How long one push may take, reading included. */
  readonly timeoutMs: number;
  /** How long one request of a push may take. */
  readonly requestTimeoutMs: number;
}

/** A variable that cannot be used; the message names it and says what to do. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/**
 * What the standard variables say about pushing (opentelemetry: configuration/sdk-environment-variables.md,
 * protocol/exporter.md); undefined where no endpoint is set, or where they switch it off. Throws EnvironmentError.
 */
export function readPushSettings(env: Environment): PushSettings | undefined {
  if (text(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const exporters = (text(env, 'OTEL_METRICS_EXPORTER') ?? 'otlp').split(',').map((name) => name.trim());
  if (!exporters.includes('otlp')) return undefined;
  const endpoint = eitherOf(env, 'ENDPOINT');
  if (endpoint === undefined) return undefined;
  const protocol = readProtocol(env);
  const intervalMs = readMilliseconds(env, 'OTEL_METRIC_EXPORT_INTERVAL', 60_000);
  const timeoutMs = Math.min(intervalMs, readMilliseconds(env, 'OTEL_METRIC_EXPORT_TIMEOUT', 30_000));
  const { name } = eitherOf(env, 'TIMEOUT') ?? { name: 'OTEL_EXPORTER_OTLP_TIMEOUT' };
  const requestTimeoutMs = Math.min(timeoutMs, readMilliseconds(env, name, 10_000));
  const temporality = readTemporality(env);
  return {
    protocol,
    endpoint: checkEndpoint(endpoint, protocol),
    temporality,
    intervalMs,
    timeoutMs,
    requestTimeoutMs,
  };
}

/** What is shorter guards nothing, and would be found all over a text. */
const SHORTEST_SECRET = 4;

/** What in the variables must not be seen in a log: values of headers, and a name and password in an endpoint. */
export function secretsOf(env: Environment): readonly string[] {
  const secrets = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_METRICS_HEADERS'].flatMap((name) =>
    (env[name] ?? '').split(',').map((pair) => pair.slice(pair.indexOf('=') + 1).trim()),
  );
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']) {
    secrets.push(/\/\/([^/@]*)@/.exec(env[name] ?? '')?.[1] ?? '', /\?(.*)$/.exec(env[name] ?? '')?.[1] ?? '');
  }
  const decoded = secrets.flatMap((secret) => (secret.includes('%') ? [secret, unescaped(secret)] : [secret]));
  return decoded.filter(({ length }) => length >= SHORTEST_SECRET).sort((one, other) => other.length - one.length);
}

/** The text without any of the secrets. */
export function withoutSecrets(line: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), line);
}

interface Setting {
  readonly name: string;
  readonly value: string;
}

/** The variable for metrics, else the one for all signals. */
function eitherOf(env: Environment, what: string): Setting | undefined {
  for (const name of [`OTEL_EXPORTER_OTLP_METRICS_${what}`, `OTEL_EXPORTER_OTLP_${what}`]) {
    const value = text(env, name);
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

/** Blank is as good as not set. */
function text(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function readProtocol(env: Environment): OtlpProtocol {
  const setting = eitherOf(env, 'PROTOCOL');
  if (setting === undefined) return 'http/protobuf';
  const protocol = PROTOCOLS.find((candidate) => candidate === setting.value);
  if (protocol !== undefined) return protocol;
  throw new EnvironmentError(`${setting.name}: "${setting.value}" is not one of ${PROTOCOLS.join(', ')}`);
}

/**
 * `lowmemory` makes deltas of what a program counts itself as it happens; all counters here are looked at, and cumulative
 * under it (opentelemetry: metrics/sdk_exporters/otlp.md). Of a word that is none the official exporter warns.
 */
function readTemporality(env: Environment): Temporality {
  const preference = text(env, 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE')?.toLowerCase();
  return preference === 'delta' ? 'delta' : 'cumulative';
}

function readMilliseconds(env: Environment, name: string, otherwise: number): number {
  const value = text(env, name);
  if (value === undefined) return otherwise;
  const milliseconds = Number(value);
  if (/^\d+$/.test(value) && milliseconds > 0 && milliseconds <= 2 ** 31 - 1) return milliseconds;
  throw new EnvironmentError(`${name}: "${value}" is not a time: give milliseconds, as in 60000`);
}

/** The endpoint's host and path. */
function checkEndpoint({ name, value }: Setting, protocol: OtlpProtocol): string {
  const hasScheme = value.includes('://');
  const url = URL.parse(hasScheme || protocol !== 'grpc' ? value : `http://${value}`);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) {
    return `${hasScheme ? `${url.protocol}//` : ''}${url.host}${url.pathname === '/' ? '' : url.pathname}`;
  }
  const example = protocol === 'grpc' ? 'http://collector:4317' : 'http://collector:4318';
  // The value is not shown: it may hold a password.
  throw new EnvironmentError(`${name} is not an address of a collector: give one as ${example}`);
}

function unescaped(secret: string): string {
  try {
    return decodeURIComponent(secret);
  } catch {
    return secret;
  }
}
