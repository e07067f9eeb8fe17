import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stats from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { PLAIN } from './steps.ts';

export type PanelBuilder = cog.Builder<dashboard.Panel>;

/** What every panel says of itself. Sizes are in Grafana's grid of 24 columns. */
export interface PanelWords {
  readonly title: string;
  /** What it is, and what is bad. */
  readonly description: string;
  readonly unit: string;
  readonly width: number;
  readonly height: number;
}

export interface Query {
  readonly expr: string;
  /** `{{label}}` and text. */
  readonly legend?: string;
}

export interface StatOptions extends PanelWords, Query {
  readonly steps?: dashboard.Threshold[];
  readonly decimals?: number;
  readonly max?: number;
  readonly mappings?: dashboard.ValueMapping[];
  /** Shows the series' name beside its value. */
  readonly named?: boolean;
  /** What stands for no series at all. */
  readonly noValue?: string;
}

export interface SeriesOptions extends PanelWords {
  readonly queries: readonly Query[];
  readonly stacked?: boolean;
  readonly steps?: dashboard.Threshold[];
  readonly max?: number;
  /** Which series are limits: drawn dashed, never stacked or filled. */
  readonly dashed?: string;
  readonly mappings?: dashboard.ValueMapping[];
  readonly decimals?: number;
}

export const DATASOURCE: common.DataSourceRef = { type: 'prometheus', uid: '$datasource' };

/** Evaluated at the end of the time shown. */
export function instantTarget(query: Query, refId: string): prometheus.DataqueryBuilder {
  return target(query, refId).instant();
}

function rangeTarget(query: Query, refId: string): prometheus.DataqueryBuilder {
  return target(query, refId).range();
}

function target({ expr, legend }: Query, refId: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder()
    .datasource(DATASOURCE)
    .expr(expr)
    .legendFormat(legend ?? '__auto')
    .refId(refId);
}

const UNKNOWN_TEXT = 'unknown';
/** What is not known is neither good nor bad: without this it would be as green as a good number. */
const UNKNOWN: dashboard.ValueMapping = {
  type: dashboard.MappingType.SpecialValue,
  options: { match: dashboard.SpecialValueMatch.NullAndNan, result: { text: UNKNOWN_TEXT, color: 'text' } },
};

/** One number for now. */
export function stat(options: StatOptions): PanelBuilder {
  const panel = new stats.PanelBuilder()
    .title(options.title)
    .description(options.description)
    .span(options.width)
    .height(options.height)
    .datasource(DATASOURCE)
    .withTarget(instantTarget(options, 'A'))
    .unit(options.unit)
    .min(0)
    .noValue(options.noValue ?? UNKNOWN_TEXT)
    .mappings([...(options.mappings ?? []), ...(options.noValue === undefined ? [UNKNOWN] : [])])
    .thresholds(absolute(options.steps ?? PLAIN))
    .colorScheme(colorBy(dashboard.FieldColorModeId.Thresholds))
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .textMode(options.named === true ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.max !== undefined) panel.max(options.max);
  return panel;
}

/** Lines over the time shown, with the latest values in the legend. */
export function series(options: SeriesOptions): PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .title(options.title)
    .description(options.description)
    .span(options.width)
    .height(options.height)
    .datasource(DATASOURCE)
    .targets(options.queries.map((query, i) => rangeTarget(query, letter(i))))
    .unit(options.unit)
    .min(0)
    .mappings(options.mappings ?? [])
    .thresholds(absolute(options.steps ?? PLAIN))
    .thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(
        options.steps === undefined ? common.GraphThresholdsStyleMode.Off : common.GraphThresholdsStyleMode.Dashed,
      ),
    )
    .colorScheme(colorBy(dashboard.FieldColorModeId.PaletteClassicByName))
    .lineWidth(1)
    .fillOpacity(options.stacked === true ? 30 : 8)
    .showPoints(common.VisibilityMode.Never)
    .legend(legendFor(options.width))
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  if (options.stacked === true) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (options.max !== undefined) panel.max(options.max);
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.dashed !== undefined) panel.overrideByRegexp(options.dashed, DASHED);
  return panel;
}

/** Beside the lines where there is room, with the latest values; below them elsewhere, names only. */
function legendFor(width: number): common.VizLegendOptionsBuilder {
  const legend = new common.VizLegendOptionsBuilder().showLegend(true);
  if (width < 12) {
    return legend.displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom).calcs([]);
  }
  return legend
    .displayMode(common.LegendDisplayMode.Table)
    .placement(common.LegendPlacement.Right)
    .calcs(['lastNotNull'])
    .sortBy('Last *')
    .sortDesc(true);
}

const DASHED: dashboard.DynamicConfigValue[] = [
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
  { id: 'custom.fillOpacity', value: 0 },
  { id: 'custom.lineWidth', value: 2 },
  { id: 'custom.stacking', value: { mode: 'none', group: 'A' } },
];

/** The name of the nth query. */
export function letter(index: number): string {
  return String.fromCodePoint(65 + index);
}

export function absolute(steps: dashboard.Threshold[]): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
}

export function colorBy(mode: dashboard.FieldColorModeId): dashboard.FieldColorBuilder {
  return new dashboard.FieldColorBuilder().mode(mode);
}

/** Words and colours in place of numbers. */
export function words(options: Readonly<Record<string, { text: string; color: string }>>): dashboard.ValueMapping[] {
  return [{ type: dashboard.MappingType.ValueToText, options }];
}
