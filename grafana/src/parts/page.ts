/* eslint-disable @typescript-eslint/no-deprecated -- every Grafana reads this model of a dashboard, its successor only the newest */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './panels.ts';
import type { PanelBuilder } from './panels.ts';
import { HOSTS, HOSTS_AND_FLEET } from './selectors.ts';

const TAG = 'tenstorrent';

/** One dashboard: what is always seen, and rows that are closed at first. */
export interface Page {
  /** File name and the end of its address. */
  readonly name: string;
  readonly title: string;
  /** The question that it answers. */
  readonly description: string;
  /** The time shown at first, up to now. */
  readonly from: string;
  /** Whether it is about chips: then they can be chosen. */
  readonly chips: boolean;
  readonly variables?: readonly dashboard.IntervalVariableBuilder[];
  readonly panels: readonly PanelBuilder[];
  readonly rows: readonly Row[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly PanelBuilder[];
}

/** As the file has it. */
export type Dashboard = dashboard.Dashboard;

/** Where a dashboard is: `/d/tenstorrent-leaks`. */
export function addressOf(name: string): string {
  return `/d/${TAG}-${name}`;
}

/** The dashboard as Grafana reads it, with what all of them share: tag, links, variables, annotations. */
export function buildPage(page: Page): Dashboard {
  const builder = new dashboard.DashboardBuilder(`Tenstorrent / ${page.title}`)
    .uid(`${TAG}-${page.name}`)
    .description(page.description)
    .tags([TAG])
    .readonly()
    .refresh('1m')
    .time({ from: page.from, to: 'now' })
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(linkToOthers())
    .variables([...variables(page.chips), ...(page.variables ?? [])])
    .annotation(alerts());
  for (const panel of page.panels) builder.withPanel(panel);
  for (const { title, panels } of page.rows) {
    const row = new dashboard.RowBuilder(title).collapsed(true);
    for (const panel of panels) row.withPanel(panel);
    builder.withRow(row);
  }
  return withoutAuto(numbered(builder.build()));
}

function linkToOthers(): dashboard.DashboardLinkBuilder {
  return new dashboard.DashboardLinkBuilder('Tenstorrent')
    .type(dashboard.DashboardLinkType.Dashboards)
    .tags([TAG])
    .includeVars(true)
    .keepTime(true);
}

function variables(chips: boolean): (dashboard.DatasourceVariableBuilder | dashboard.QueryVariableBuilder)[] {
  return [
    new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus').multi(false),
    queried('job', 'Job', 'label_values(tt_exporter_build_info, job)'),
    queried('instance', 'Instance', 'label_values(tt_exporter_build_info{job=~"$job"}, instance)'),
    ...(chips ? [queried('device', 'Device', `label_values(tt_device_info{${HOSTS}}, device)`)] : []),
  ];
}

function queried(name: string, label: string, query: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** When an alert fired, on every panel that has time. */
function alerts(): dashboard.AnnotationQueryBuilder {
  const expr = `ALERTS{alertname=~"Tenstorrent.+", alertstate="firing", severity=~"critical|warning", ${HOSTS_AND_FLEET}}`;
  return new dashboard.AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('red')
    .expr(expr)
    .titleFormat('{{alertname}}')
    .textFormat('{{instance}} {{device}} {{pid}}')
    .tagKeys('severity,alertname')
    .step('60s');
}

/** Panels by number, in order: links to a panel last as long as the order does. */
function numbered(built: Dashboard): Dashboard {
  let id = 0;
  for (const panel of built.panels ?? []) {
    panel.id = ++id;
    if (!('panels' in panel)) continue;
    for (const inner of panel.panels) inner.id = ++id;
  }
  return built;
}

/** The SDK writes what only automatic intervals have into every variable. */
function withoutAuto(built: Dashboard): Dashboard {
  const list = (built.templating.list ?? []).map((variable) =>
    Object.fromEntries(Object.entries(variable).filter(([key]) => !key.startsWith('auto'))),
  );
  return { ...built, templating: { list: list as unknown as dashboard.VariableModel[] } };
}
