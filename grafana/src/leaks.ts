import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { besides, buffers } from './leaks-detail.ts';
import { curves, numbers } from './leaks-now.ts';
import { orphans, whoGrows } from './leaks-who.ts';
import type { Limits } from './parts/limits.ts';
import type { Page } from './parts/page.ts';

/** Who grows, since when, what is orphaned, when it is full, and whose it is. */
export function leaksPage(limits: Limits): Page {
  return {
    name: 'leaks',
    title: 'Leaks',
    description:
      'Which process grows and since when, what dead processes left behind, when a chip will be full, and which pod, job, container or unit it is.',
    from: 'now-6h',
    chips: true,
    variables: [
      new dashboard.IntervalVariableBuilder('window')
        .label('Growth over')
        .values([...new Set(['5m', '10m', limits.floorWindow, '20m', '30m', '1h', '2h', '6h', '1d'])].join(','))
        .current({ selected: true, text: limits.floorWindow, value: limits.floorWindow }),
    ],
    panels: [...numbers(limits), whoGrows(limits), orphans(limits), ...curves(limits)],
    rows: [
      { title: 'What the chips say beside it', panels: besides() },
      { title: 'Buffers, as the allocation server counts them', panels: buffers() },
    ],
  };
}
