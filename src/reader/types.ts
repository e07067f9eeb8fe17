import type { ReloadResult } from '../collect/types.ts';

/** `text`: Prometheus text 0.0.4; `openmetrics`: OpenMetrics 1.0. */
export type PageFormat = 'text' | 'openmetrics';

export interface PageRequest {
  /** undefined: all that are enabled. */
  readonly collectors: readonly string[] | undefined;
  readonly format: PageFormat;
  readonly gzip: boolean;
  /** How long the answer may take, in milliseconds from now. */
  readonly timeoutMs: number;
  /** The exporter's own families, encoded in the same format, without `# EOF`: the reader puts them behind the devices'. */
  readonly ownFamilies: Uint8Array;
  /** Samples in them, for tt_exporter_series. */
  readonly ownSeries: number;
}

export interface PageAnswer {
  /** The whole page, compressed if that was asked for. */
  readonly body: Uint8Array;
  readonly series: number;
}

/**
 * The one interface between the process with the HTTP server and the one that reads: the same for a forked reader, one
 * in this process and one at a Unix socket.
 */
export interface Reader {
  /** Rejects only where no reader answers in time; the message says why. */
  page(request: PageRequest, signal: AbortSignal): Promise<PageAnswer>;
  reload(): Promise<ReloadResult>;
  close(): Promise<void>;
}
