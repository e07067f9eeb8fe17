import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Log } from '../log/log.ts';

export interface ToldExporterOptions {
  /** Called with every answer of the receiver. */
  readonly onResult: (metrics: ResourceMetrics, successful: boolean) => void;
  /** Where it goes, for the log. */
  readonly endpoint: string;
  readonly log: Log;
  /** Takes secrets out of a text. */
  readonly clean: (text: string) => string;
}

/** An exporter that says in the log when it begins to fail, as long as it does, and when it works again. */
export class ToldExporter implements PushMetricExporter {
  readonly #exporter: PushMetricExporter;
  readonly #options: ToldExporterOptions;
  #failing = false;

  constructor(exporter: PushMetricExporter, options: ToldExporterOptions) {
    this.#exporter = exporter;
    this.#options = options;
  }

  export(metrics: ResourceMetrics, resultCallback: (result: ExportResult) => void): void {
    this.#exporter.export(metrics, (result) => {
      this.#tell(result);
      this.#options.onResult(metrics, result.code === ExportResultCode.SUCCESS);
      resultCallback(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #tell({ code, error }: ExportResult): void {
    const { endpoint, log, clean } = this.#options;
    if (code !== ExportResultCode.SUCCESS) {
      this.#failing = true;
      log.warn('cannot push metrics', { endpoint, error: clean(reasonOf(error)) });
    } else if (this.#failing) {
      this.#failing = false;
      log.info('metrics are pushed again', { endpoint });
    }
  }
}

/** With the status that HTTP or gRPC gave, or the system. */
function reasonOf(error: Error | undefined): string {
  if (error === undefined) return 'unknown';
  const code: unknown = Reflect.get(error, 'code');
  const status = typeof code === 'number' || typeof code === 'string' ? String(code) : '';
  // Of several addresses none could be reached: there is a code and no message.
  const message = error.message === '' ? error.name : error.message;
  return status === '' || message.includes(status) ? message : `${status} ${message}`;
}
