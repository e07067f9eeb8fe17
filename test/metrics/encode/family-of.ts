import type { Family, MetricType } from '../../../src/metrics/family.ts';

export interface FamilyDescription {
  readonly name: string;
  readonly type?: MetricType;
  readonly unit?: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** A family that draws these samples, whatever the snapshot: a value, then the labels. */
export function familyOf(
  description: FamilyDescription,
  samples: readonly (readonly [value: number, ...labels: string[]])[],
): Family {
  return {
    type: 'gauge',
    unit: undefined,
    group: 'exporter',
    ...description,
    draw(_, sink) {
      for (const [value, ...labels] of samples) {
        if (labels.length > 4) sink.wide(value, labels);
        else sink.sample(value, ...labels);
      }
    },
  };
}
