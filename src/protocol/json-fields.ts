/** JSON that is not what the schema says. `path` names the value: `devices[3].processes[0].pid`. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${path === '' ? 'document' : path}: ${message}`, options);
    this.path = path;
  }
}

const U64_MAX = 2n ** 64n - 1n;

/**
 * The fields of one JSON object, checked as they are taken. Every method throws DocumentError naming the field; the
 * `optional` ones give undefined where it is left out.
 */
export class JsonFields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new DocumentError(path, 'is no object');
    }
    this.#value = value as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  /** Where a field is, as errors name it. */
  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  /** What the object has under a name of its own; undefined where it is left out. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
  }

  names(): string[] {
    return Object.keys(this.#value);
  }

  /** A whole number of 0 to 2^64 - 1; from 2^53 on it is the nearest that a number holds. */
  count(name: string): number {
    return this.#required(name, this.optionalCount(name));
  }

  optionalCount(name: string): number | undefined {
    return this.#read(name, wholeNumber, 'a whole number, or a decimal string of one');
  }

  optionalSeconds(name: string): number | undefined {
    return this.#read(name, seconds, 'a time in seconds');
  }

  seconds(name: string): number {
    return this.#required(name, this.optionalSeconds(name));
  }

  /** A whole number from `min` to `max`. */
  integer(name: string, min: number, max: number): number {
    return this.#required(name, this.optionalInteger(name, min, max));
  }

  optionalInteger(name: string, min: number, max: number): number | undefined {
    const inRange = (value: unknown): number | undefined =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
    return this.#read(name, inRange, `a whole number from ${min} to ${max}`);
  }

  boolean(name: string): boolean {
    const known = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
    return this.#required(name, this.#read(name, known, 'true or false'));
  }

  text(name: string, maxLength: number): string {
    return this.#required(name, this.optionalText(name, maxLength));
  }

  optionalText(name: string, maxLength: number): string | undefined {
    const short = (value: unknown): string | undefined =>
      typeof value === 'string' && value.length <= maxLength ? value : undefined;
    return this.#read(name, short, `a text of at most ${maxLength} characters`);
  }

  /** Undefined where it is left out. */
  optionalObject(name: string): JsonFields | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : new JsonFields(value, this.path(name));
  }

  /** The objects of a list; [] where it is left out. */
  list(name: string): JsonFields[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw new DocumentError(this.path(name), 'is no list');
    return value.map((item: unknown, index) => new JsonFields(item, `${this.path(name)}[${index}]`));
  }

  #read<T>(name: string, check: (value: unknown) => T | undefined, wanted: string): T | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const checked = check(value);
    if (checked === undefined) throw new DocumentError(this.path(name), `is not ${wanted}`);
    return checked;
  }

  #required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw new DocumentError(this.path(name), 'is missing');
    return value;
  }
}

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string' || !/^(0|[1-9][0-9]{0,19})$/.test(value)) return undefined;
  return BigInt(value) <= U64_MAX ? Number(value) : undefined;
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
