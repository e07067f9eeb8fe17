import type { Life } from './life.ts';

/** A mount namespace with a /dev/shm of its own; or the host's, which containers can share. */
export interface ShmSpace {
  readonly folder: string;
  /** As the link of ns/mnt shows it. */
  readonly mountNamespace: string;
  readonly isPrivate: boolean;
}

/** A PID namespace: numbers of its own, and one number in each namespace above it. */
export class Namespace {
  readonly name: string;
  readonly parent: Namespace | undefined;
  readonly space: ShmSpace;
  /** Who has which number, zombies too. */
  readonly members = new Map<number, Life>();
  readonly #numbers: readonly number[];

  /** `numbers`: those that it gives out. */
  constructor(name: string, space: ShmSpace, numbers: readonly number[], parent?: Namespace) {
    this.name = name;
    this.parent = parent;
    this.space = space;
    this.#numbers = numbers;
  }

  /** It and those above, outermost first. */
  get path(): Namespace[] {
    return [...(this.parent?.path ?? []), this];
  }

  get free(): number[] {
    return this.#numbers.filter((number) => !this.members.has(number));
  }
}
