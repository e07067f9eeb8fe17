import type { ReloadResult } from '../collect/types.ts';
import type { SampleTable } from '../samples/sample-table.ts';
import { abortReason, GRACE_MS } from './connection.ts';
import type { PageService } from './page-service.ts';
import type { PageAnswer, PageRequest, Reader, SamplesRequest } from './types.ts';

/** A reader in this process: for the library, for tests, and where no second process is wanted. */
export class InlineReader implements Reader {
  readonly started = Promise.resolve();
  readonly #service: PageService;

  constructor(service: PageService) {
    this.#service = service;
  }

  ready(): boolean {
    return true;
  }

  collectors(): readonly string[] {
    return this.#service.collectors;
  }

  page(request: PageRequest, signal: AbortSignal): Promise<PageAnswer> {
    return inTime(this.#service.page(request), request.timeoutMs, signal);
  }

  samples(request: SamplesRequest, signal: AbortSignal): Promise<SampleTable> {
    return inTime(this.#service.samples(request), request.timeoutMs, signal);
  }

  reload(): Promise<ReloadResult> {
    return this.#service.reload();
  }

  stuck(): boolean {
    return this.#service.stuck();
  }

  close(): Promise<void> {
    return this.#service.close();
  }
}

/** The answer, with the reader's grace and as long as somebody waits. */
async function inTime<T>(answer: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>();
  const onAbort = (): void => {
    over.reject(abortReason(signal));
  };
  const waitMs = timeoutMs + GRACE_MS;
  const timer = setTimeout(() => {
    over.reject(new Error(`the reader did not answer within ${(waitMs / 1000).toFixed(2)} s`));
  }, waitMs);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([answer, over.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
