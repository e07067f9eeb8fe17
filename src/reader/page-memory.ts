import type { PageAnswer } from './types.ts';

/** So many pieces wait for the next page. */
const FREE_PIECES = 2;
/** Room for the next page, which is mostly of about the same size. */
const ROOM = 1.1;

/**
 * Keeps pages until they are sent. The memory of one that was is used for another: left to the collector of garbage, that of
 * a hundred lies about.
 */
export class PageMemory {
  readonly #free: ArrayBuffer[] = [];

  /** Copies the body. It stays as it is until `sent` is called, once for all. */
  keep({ body, series }: Pick<PageAnswer, 'body' | 'series'>): PageAnswer {
    const memory = this.#memoryFor(body.length);
    const copy = new Uint8Array(memory, 0, body.length);
    copy.set(body);
    let isSent = false;
    const sent = (): void => {
      if (!isSent && this.#free.length < FREE_PIECES) this.#free.push(memory);
      isSent = true;
    };
    return { body: copy, series, sent };
  }

  #memoryFor(length: number): ArrayBuffer {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= length && byteLength <= 2 * ROOM * length);
    // Where none fits, pages have another size by now: the oldest makes way.
    const [taken] = this.#free.splice(Math.max(0, at), 1);
    return at >= 0 && taken !== undefined ? taken : new ArrayBuffer(Math.ceil(ROOM * length));
  }
}
