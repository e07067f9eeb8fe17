import type { ReloadResult } from '../collect/types.ts';
import { abortReason, GRACE_MS } from './connection.ts';
import type { PageService } from './page-service.ts';
import type { PageAnswer, PageRequest, Reader } from './types.ts';

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

  async page(request: PageRequest, signal: AbortSignal): Promise<PageAnswer> {
    const over = Promise.withResolvers<never>();
    const onAbort = (): void => {
      over.reject(abortReason(signal));
    };
    const waitMs = request.timeoutMs + GRACE_MS;
    const timer = setTimeout(() => {
      over.reject(new Error(`the reader did not answer within ${(waitMs / 1000).toFixed(2)} s`));
    }, waitMs);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    try {
      return await Promise.race([this.#service.page(request), over.promise]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
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
