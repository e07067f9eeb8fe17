import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import type { SampleProducer } from './producer.ts';

/** What the official exporter draws, without its HTTP server. */
export class PrometheusText {
  readonly #producer: SampleProducer;
  readonly #resource: Resource;
  // No time on samples: Prometheus's own is as good. No scope on them either: there is one.
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  /** Under way, by the time that it may take. */
  readonly #drawing = new Map<number, Promise<string>>();

  constructor(producer: SampleProducer, resource: Resource) {
    this.#producer = producer;
    this.#resource = resource;
  }

  /** The page as it is now; who asks while one is made, with as much time, gets that one. Rejects where nothing could be read. */
  draw(timeoutMs: number): Promise<string> {
    const underWay = this.#drawing.get(timeoutMs);
    if (underWay !== undefined) return underWay;
    const drawing = this.#draw(timeoutMs).finally(() => this.#drawing.delete(timeoutMs));
    this.#drawing.set(timeoutMs, drawing);
    return drawing;
  }

  async #draw(timeoutMs: number): Promise<string> {
    const { resourceMetrics, errors } = await this.#producer.collect({ timeoutMillis: timeoutMs });
    const [cause] = errors;
    if (cause !== undefined) throw new Error('nothing could be read', { cause });
    return this.#serializer.serialize({ resource: this.#resource, scopeMetrics: resourceMetrics.scopeMetrics });
  }
}
