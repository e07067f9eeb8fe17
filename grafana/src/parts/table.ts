import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as tables from '@grafana/grafana-foundation-sdk/table';
import { absolute, colorBy, DATASOURCE, instantTarget, letter } from './panels.ts';
import type { PanelBuilder, PanelWords } from './panels.ts';
import { PLAIN } from './steps.ts';

/** A label as a column, or the value of a query. */
export interface Column {
  /** A label's name, or `{ value: n }` for the nth query's. */
  readonly of: string | { readonly value: number };
  readonly title: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly width?: number;
  /** Colours the number. */
  readonly steps?: dashboard.Threshold[];
  readonly mappings?: dashboard.ValueMapping[];
  /** A bar behind the number, from 0 to 1. */
  readonly gauge?: boolean;
  /** Where a click on the cell leads. */
  readonly link?: { readonly title: string; readonly url: string };
}

export interface TableOptions extends PanelWords {
  /** PromQL; rows are joined by the labels that all of them have. */
  readonly queries: readonly string[];
  readonly columns: readonly Column[];
  /** Title of the column that decides the order, the largest first. */
  readonly sortBy: string;
  readonly noValue?: string;
}

/** Who: a row for each, of the labels and values that are named and of nothing else. */
export function table(options: TableOptions): PanelBuilder {
  const single = options.queries.length === 1;
  const fields = options.columns.map(({ of }) => fieldName(of, single));
  const panel = new tables.PanelBuilder()
    .title(options.title)
    .description(options.description)
    .span(options.width)
    .height(options.height)
    .datasource(DATASOURCE)
    .targets(
      options.queries.map((expr, i) => instantTarget({ expr }, letter(i)).format(prometheus.PromQueryFormat.Table)),
    )
    .unit(options.unit)
    .noValue(options.noValue ?? '')
    .thresholds(absolute(PLAIN))
    .colorScheme(colorBy(dashboard.FieldColorModeId.Thresholds))
    .cellHeight(common.TableCellHeight.Sm)
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(options.sortBy).desc(true)])
    .transformations([
      { id: 'merge', options: {} },
      { id: 'filterFieldsByName', options: { include: { names: fields } } },
      {
        id: 'organize',
        options: {
          indexByName: Object.fromEntries(fields.map((name, i) => [name, i])),
          renameByName: Object.fromEntries(options.columns.map(({ title }, i) => [fields[i] ?? '', title])),
          excludeByName: {},
        },
      },
    ]);
  for (const column of options.columns) panel.overrideByName(column.title, overridesOf(column));
  return panel;
}

/** As Grafana names the columns of instant queries in table format. */
function fieldName(of: Column['of'], single: boolean): string {
  if (typeof of === 'string') return of;
  return single ? 'Value' : `Value #${letter(of.value)}`;
}

function overridesOf(column: Column): dashboard.DynamicConfigValue[] {
  const { unit, decimals, width, steps, mappings, gauge, link } = column;
  const all: [string, unknown][] = [
    ['unit', unit ?? (typeof column.of === 'string' ? 'string' : undefined)],
    // The panel's own would stand in every cell that has nothing.
    ['noValue', '–'],
    ['decimals', decimals],
    ['custom.width', width],
    ['thresholds', steps === undefined ? undefined : { mode: 'absolute', steps }],
    ['mappings', mappings],
    ['custom.cellOptions', cellOptions(gauge, steps ?? mappings)],
    ['min', gauge === true ? 0 : undefined],
    ['max', gauge === true ? 1 : undefined],
    ['links', link === undefined ? undefined : [link]],
  ];
  return all.filter(([, value]) => value !== undefined).map(([id, value]) => ({ id, value }));
}

function cellOptions(gauge: boolean | undefined, coloured: unknown): object | undefined {
  if (gauge === true) return { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' };
  return coloured === undefined ? undefined : { type: 'color-text' };
}
