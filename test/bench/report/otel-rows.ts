import type { OtelResult } from '../otel/otel-program.ts';
import { ratios, spread } from '../statistics.ts';
import { withSpread } from './format.ts';
import { EMPTY_ROW } from './row.ts';
import type { Row } from './row.ts';
import { judge } from './target.ts';

/** OpenTelemetry's points, beside observable instruments; drawing them is the same work for both. */
export function otelRows({ points, collect, whole }: OtelResult): Row[] {
  const times = (part: OtelResult['whole']) => ratios(part.observables, part.ours);
  const row = (what: string, part: OtelResult['whole'], target: string): Row => ({
    ...EMPTY_ROW,
    what: `${what}, ${points} points, ms`,
    ours: withSpread(spread(part.ours)),
    target: `batch observables ÷ ours ${withSpread(times(part))}${target}`,
  });
  return [
    row(
      'OpenTelemetry, collecting',
      collect,
      `; ${judge(times(collect).median, { is: 'at least', limit: 3, of: '×' })}`,
    ),
    row('OpenTelemetry, and the official Prometheus text', whole, ''),
  ];
}
