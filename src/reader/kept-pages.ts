import type { Snapshot } from '../snapshot/snapshot.ts';
import type { OwnFamilies, PageAnswer, PageRequest } from './types.ts';

/** What a page is made of, beside the snapshot. */
export interface PageShape extends Pick<PageRequest, 'format' | 'gzip'> {
  readonly own: OwnFamilies;
}

/** Pages of one snapshot that are kept for other requests that share it. */
const PAGES_PER_SNAPSHOT = 4;
/** Snapshots whose pages are kept: two kinds of requests at the same time share each their own. */
const SNAPSHOTS = 2;
/** Memory of pages that nobody needs any more. */
const FREE_BUFFERS = 2;
/** Room for the next page, which is mostly of about the same size. */
const ROOM = 1.1;

interface KeptPage {
  readonly shape: PageShape;
  readonly memory: ArrayBuffer;
  readonly length: number;
  readonly series: number;
  /** To whom it is being sent. */
  users: number;
  /** Whether others may get it too. */
  shared: boolean;
}

/**
 * The pages that were drawn last, for all who ask for the same. The memory of one that nobody gets any more, and that
 * everybody who did has been sent, is used for another: left to the collector of garbage, a hundred of them lie about.
 */
export class KeptPages {
  readonly #bySnapshot = new WeakMap<Snapshot, KeptPage[]>();
  /** The lists in it, the newest last. */
  readonly #lists: KeptPage[][] = [];
  readonly #free: ArrayBuffer[] = [];

  find(snapshot: Snapshot, shape: PageShape): PageAnswer | undefined {
    const pages = this.#bySnapshot.get(snapshot) ?? [];
    const page = pages.find((known) => known.shared && looksTheSame(known.shape, shape));
    return page === undefined ? undefined : this.#give(page);
  }

  /** Copies the body. */
  add(snapshot: Snapshot, shape: PageShape, { body, series }: Pick<PageAnswer, 'body' | 'series'>): PageAnswer {
    const pages = this.#listOf(snapshot);
    const memory = this.#memoryFor(body.length);
    new Uint8Array(memory).set(body);
    const shared = pages.length < PAGES_PER_SNAPSHOT;
    const page = { shape, memory, length: body.length, series, users: 0, shared };
    if (shared) pages.push(page);
    return this.#give(page);
  }

  #listOf(snapshot: Snapshot): KeptPage[] {
    const known = this.#bySnapshot.get(snapshot);
    if (known !== undefined) return known;
    const pages: KeptPage[] = [];
    this.#bySnapshot.set(snapshot, pages);
    this.#lists.push(pages);
    if (this.#lists.length > SNAPSHOTS) this.#retire(this.#lists.shift() ?? []);
    return pages;
  }

  #retire(pages: readonly KeptPage[]): void {
    for (const page of pages) {
      page.shared = false;
      this.#reuse(page);
    }
  }

  #give(page: KeptPage): PageAnswer {
    page.users++;
    let isSent = false;
    const sent = (): void => {
      if (isSent) return;
      isSent = true;
      page.users--;
      this.#reuse(page);
    };
    return { body: new Uint8Array(page.memory, 0, page.length), series: page.series, sent };
  }

  #reuse({ shared, users, memory }: KeptPage): void {
    if (!shared && users === 0 && this.#free.length < FREE_BUFFERS) this.#free.push(memory);
  }

  #memoryFor(length: number): ArrayBuffer {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= length && byteLength <= 2 * ROOM * length);
    // Where none fits, pages have another size by now: the oldest makes way.
    const [taken] = this.#free.splice(Math.max(0, at), 1);
    return at >= 0 && taken !== undefined ? taken : new ArrayBuffer(Math.ceil(ROOM * length));
  }
}

function looksTheSame(one: PageShape, other: PageShape): boolean {
  return (
    one.format === other.format &&
    one.gzip === other.gzip &&
    one.own.samples === other.own.samples &&
    Buffer.compare(one.own.bytes, other.own.bytes) === 0
  );
}
