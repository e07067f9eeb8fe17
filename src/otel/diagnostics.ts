import { diag, DiagLogLevel } from '@opentelemetry/api';
import type { Log } from '../log/log.ts';

/** Has what OpenTelemetry's own code warns of in the log; `clean` takes secrets out of a text. */
export function logDiagnostics(log: Log, clean: (text: string) => string): void {
  const warn = (message: string, ...details: readonly unknown[]): void => {
    log.warn('opentelemetry', { message: clean([message, ...details.map(detail)].join(' ')) });
  };
  const nothing = (): void => undefined;
  const logger = { error: warn, warn, info: nothing, debug: nothing, verbose: nothing };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

function detail(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
