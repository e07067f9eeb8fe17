import { parse } from 'yaml';
import { parseDuration } from './durations.ts';

/** The thresholds file: values by path, like `orphaned.for`. Every way to read one throws with its path if it is wrong. */
export interface Thresholds {
  number(path: string): number;
  /** As Prometheus writes it. */
  duration(path: string): string;
  text(path: string): string;
  /** Paths that nothing has read: misspelt, or of a rule that is no more. */
  unread(): string[];
}

export function parseThresholds(yaml: string): Thresholds {
  const values = flatten(parse(yaml));
  const read = new Set<string>();
  const valueAt = (path: string): unknown => {
    if (!values.has(path)) throw new Error(`the thresholds have no ${path}`);
    read.add(path);
    return values.get(path);
  };
  const text = (path: string): string => {
    const value = valueAt(path);
    if (typeof value !== 'string') throw new Error(`${path} of the thresholds must be text`);
    return value;
  };
  return {
    text,
    number(path) {
      const value = valueAt(path);
      if (typeof value !== 'number') throw new Error(`${path} of the thresholds must be a number`);
      return value;
    },
    duration(path) {
      const value = text(path);
      try {
        parseDuration(value);
      } catch (cause) {
        throw new Error(`${path} of the thresholds is wrong: ${String(cause)}`, { cause });
      }
      return value;
    },
    unread: () => [...values.keys()].filter((path) => !read.has(path)),
  };
}

function flatten(value: unknown, path = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return new Map([[path, value]]);
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    path === '' ? key : `${path}.${key}`,
    inner,
  ]);
  return new Map(entries.flatMap(([inner, its]) => [...flatten(its, inner)]));
}
