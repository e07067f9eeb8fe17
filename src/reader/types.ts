import type { ReloadResult } from '../collect/types.ts';
import type { SampleTable } from '../samples/sample-table.ts';

/** `text`: Prometheus text 0.0.4; `openmetrics`: OpenMetrics 1.0. */
export type PageFormat = 'text' | 'openmetrics';

/** The exporter's own families, encoded in the format of a request, without `# EOF`. */
export interface OwnFamilies {
  readonly bytes: Uint8Array;
  /** Samples in them, for tt_exporter_series. */
  readonly samples: number;
}

export interface PageRequest {
  /** undefined: all that are enabled. */
  readonly collectors: readonly string[] | undefined;
  readonly format: PageFormat;
  readonly gzip: boolean;
  /** How long the answer may take, in milliseconds from now. */
  readonly timeoutMs: number;
  /**
   * Gives what the reader puts behind the devices' families. Called when the reading is under way, so that nothing waits
   * for it. Never rejects.
   */
  readonly own: () => Promise<OwnFamilies>;
}

export interface PageAnswer {
  /** The whole page, compressed if that was asked for. */
  readonly body: Uint8Array;
  readonly series: number;
  /** To be called when the body has been sent and is needed no more, or never: its memory is then used again. */
  readonly sent?: () => void;
}

export interface SamplesRequest {
  /** How long the answer may take, in milliseconds from now. */
  readonly timeoutMs: number;
}

/**
 * The one interface between the process with the HTTP server and the one that reads: the same for a forked reader, one
 * in this process and one at a Unix socket.
 */
export interface Reader {
  /**
   * Resolves when the reader is there for the first time. Rejects with ReaderRefused where it cannot ever be, because
   * of a bad configuration.
   */
  readonly started: Promise<void>;
  /** Whether it is there now. */
  ready(): boolean;
  /** The collectors that it has, by name; undefined as long as it was never there. */
  collectors(): readonly string[] | undefined;
  /**
   * Rejects only where no reader answers in time, or `signal` says that nobody waits any more, which ends the waiting
   * and not the collection. The message says why.
   */
  page(request: PageRequest, signal: AbortSignal): Promise<PageAnswer>;
  /** What all enabled collectors found, as samples. Rejects as `page` does. */
  samples(request: SamplesRequest, signal: AbortSignal): Promise<SampleTable>;
  /** Never rejects. */
  reload(): Promise<ReloadResult>;
  /** Whether this process has a read that is blocked, so that it can only be ended by SIGKILL. */
  stuck(): boolean;
  /** Lets go of the reader; one in a process of its own is not waited for. */
  close(): Promise<void>;
}

/** The reader said that it will not work like this; the message says what to mend. */
export class ReaderRefused extends Error {
  override readonly name = 'ReaderRefused';
}
