import type { Log } from '../log/log.ts';
import type { Reader } from '../reader/types.ts';
import { logDiagnostics } from './diagnostics.ts';
import { secretsOf, withoutSecrets } from './environment.ts';
import type { Environment, PushSettings } from './environment.ts';
import { SampleProducer } from './producer.ts';
import { PrometheusText } from './prometheus-text.ts';
import { startPush } from './push.ts';
import type { Push } from './push.ts';
import { detectResource } from './resource.ts';

/** OpenTelemetry beside the exporter's own page. */
export interface Otel {
  /** A page in Prometheus's format with OpenTelemetry's names, in so many milliseconds. Rejects where nothing could be read. */
  draw(timeoutMs: number): Promise<string>;
  /** Begins to push, where that is asked for. */
  start(): Promise<void>;
  /** Pushes a last time. Never rejects; the caller says how long it waits. */
  stop(): Promise<void>;
}

export interface OtelOptions {
  readonly reader: Reader;
  readonly log: Log;
  /** undefined: nothing is pushed. */
  readonly push: PushSettings | undefined;
  readonly env: Environment;
  /** Called with whether each request of a push succeeded. */
  readonly onRequest?: ((successful: boolean) => void) | undefined;
}

export async function createOtel({ reader, log, push: settings, env, onRequest }: OtelOptions): Promise<Otel> {
  const secrets = secretsOf(env);
  const clean = (text: string): string => withoutSecrets(text, secrets);
  logDiagnostics(log, clean);
  const resource = await detectResource();
  warnOfAttributes(env, resource.attributes, log);
  const { signal } = new AbortController();
  const producer = new SampleProducer({ read: (timeoutMs) => reader.samples({ timeoutMs }, signal) });
  const text = new PrometheusText(producer, resource);
  let push: Push | undefined;
  return {
    draw: (timeoutMs) => text.draw(timeoutMs),
    start: async () => {
      if (settings !== undefined) push = await startPush({ settings, producer, resource, log, clean, onRequest });
    },
    stop: async () => push?.stop(),
  };
}

/** Of attributes that would be passed over in silence. */
function warnOfAttributes(env: Environment, attributes: Readonly<Record<string, unknown>>, log: Log): void {
  const [, key] = /^\s*([^=,%\s]+)\s*=/.exec(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '') ?? [];
  if (key !== undefined && !Object.hasOwn(attributes, key)) {
    log.warn(
      'OTEL_RESOURCE_ATTRIBUTES is not taken: give key=value,key=value, other commas and equals signs as %2C, %3D',
    );
  }
}
