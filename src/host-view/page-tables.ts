import { MEMORY_TYPES, noMemory } from '../snapshot/memory-types.ts';
import type { MemoryBytes } from '../snapshot/memory-types.ts';
import type { PageSample } from './page-samples.ts';

const NONE: readonly PageSample[] = [];

/** A page's samples by family and by its first label (`device` or `pid`), found without a walk. */
export class PageTables {
  readonly #page: ReadonlyMap<string, readonly PageSample[]>;
  readonly #tables = new Map<string, Map<string, PageSample[]>>();

  constructor(page: ReadonlyMap<string, readonly PageSample[]>) {
    this.#page = page;
  }

  /** The samples of a family whose `device` label, or `pid` where there is none, is the key. */
  samples(family: string, key: string): readonly PageSample[] {
    let table = this.#tables.get(family);
    if (table === undefined) {
      table = Map.groupBy(
        this.#page.get(family) ?? NONE,
        ({ labels }) => labels.get('device') ?? labels.get('pid') ?? '',
      );
      this.#tables.set(family, table);
    }
    return table.get(key) ?? NONE;
  }

  value(family: string, key = ''): number | undefined {
    return this.samples(family, key)[0]?.value;
  }

  /** Whether a family of states has 1 for this one. */
  isIn(family: string, key: string, state: string): boolean {
    return this.samples(family, key).some(({ labels, value }) => value === 1 && labels.get('state') === state);
  }

  /** Bytes by type, of a family of DRAM and one of L1. */
  memory(dramFamily: string, l1Family: string, device: string): MemoryBytes {
    const bytes = noMemory();
    for (const { labels, value } of [...this.samples(dramFamily, device), ...this.samples(l1Family, device)]) {
      const type = MEMORY_TYPES.find((candidate) => candidate === labels.get('type'));
      if (type !== undefined) bytes[type] = value;
    }
    return bytes;
  }
}
