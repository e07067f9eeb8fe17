/** What a metric is in OpenTelemetry's terms; `state` is drawn from a family with a state label, see `hw.status`. */
export type OtelKind = 'gauge' | 'updowncounter' | 'counter';

/** What a counter counts from; undefined where nobody can tell, as for a firmware's own counters. */
export type CountedSince = 'reader' | 'allocation_server' | 'boot';

/** Values of `hw.type` that occur. A chip is a `gpu`: OpenTelemetry has no word for other accelerators. */
export type HardwareType = 'gpu' | 'temperature' | 'voltage' | 'fan';

/** How one family of the catalogue is called in OpenTelemetry, and how its samples become points. */
export interface OtelMetric {
  /** The family's name in the catalogue. */
  readonly family: string;
  /** As in the semantic conventions where these have it (`hw.*`), else below `tenstorrent.`. */
  readonly name: string;
  /** In UCUM. */
  readonly unit: string;
  readonly kind: OtelKind;
  readonly valueType: 'int' | 'double';
  readonly since?: CountedSince;
  /** For `hw.*`: points have the attributes that the conventions want of such a component. */
  readonly component?: HardwareType;
  /** Attributes' names by label, where LABEL_ATTRIBUTES has another one. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Attributes with the same value on every point. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** Whether states are told in the conventions' few words: one point for each of these, of the state that holds. */
  readonly status?: true;
}

type Further = Partial<Omit<OtelMetric, 'family' | 'name' | 'unit' | 'kind'>>;

/** A value that is not a part of a sum: temperatures, limits, times, flags. */
export function gauge(family: string, name: string, unit: string, further: Further = {}): OtelMetric {
  return { family, name, unit, kind: 'gauge', valueType: 'int', ...further };
}

/** A value that goes up and down and of which sums make sense: bytes, processes. */
export function upDown(family: string, name: string, unit: string, further: Further = {}): OtelMetric {
  return { family, name, unit, kind: 'updowncounter', valueType: 'int', ...further };
}

/** A value that only grows. */
export function counter(family: string, name: string, unit: string, further: Further = {}): OtelMetric {
  return { family, name, unit, kind: 'counter', valueType: 'int', ...further };
}
