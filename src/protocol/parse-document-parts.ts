import { DocumentError } from './json-fields.ts';
import type { JsonFields } from './json-fields.ts';
import { DOCUMENT_TYPES } from './snapshot-document.ts';
import type { ByType, DocumentCounters, DocumentDeviceCounters, DocumentType } from './snapshot-document.ts';

/** Characters of a name. */
export const MAX_TEXT = 256;

/** `{ [name]: value }`, or {} where the value is undefined: a field that is left out stays left out. */
export function defined<K extends string, T>(name: K, value: T | undefined): { [P in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]: T });
}

/** Shared: most of what could be told by type is not, and an object for each would add up. */
const NOTHING: ByType = Object.freeze({});

/** The numbers of a type each; types that the schema does not know are passed over. {} where all of it is left out. */
export function byType(parent: JsonFields, name: string): ByType {
  const fields = parent.optionalObject(name);
  if (fields === undefined) return NOTHING;
  const result: Partial<Record<DocumentType, number>> = {};
  for (const type of DOCUMENT_TYPES) {
    const value = fields.optionalCount(type);
    if (value !== undefined) result[type] = value;
  }
  return result;
}

export function parseCounters(counters: JsonFields): DocumentCounters {
  return {
    allocations: byType(counters, 'allocations'),
    frees: byType(counters, 'frees'),
    allocatedBytes: byType(counters, 'allocatedBytes'),
    freedBytes: byType(counters, 'freedBytes'),
  };
}

/** All of them unknown where the device has no counters. */
export function parseDeviceCounters(counters: JsonFields): DocumentDeviceCounters {
  return {
    ...parseCounters(counters),
    reclaimedBytes: byType(counters, 'reclaimedBytes'),
    reclaimedBuffers: byType(counters, 'reclaimedBuffers'),
    allocationFailures: byType(counters, 'allocationFailures'),
  };
}

/** Throws DocumentError where two entries of a list are about the same device. */
export function refuseTwice(path: string, devices: readonly { readonly id: number }[]): void {
  const seen = new Set<number>();
  for (const [index, { id }] of devices.entries()) {
    if (seen.has(id)) throw new DocumentError(`${path}[${index}].id`, `${id} is there twice`);
    seen.add(id);
  }
}
