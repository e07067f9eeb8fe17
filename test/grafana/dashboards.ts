import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The parts of a dashboard's JSON that the tests look at. */
export interface Dashboard {
  title: string;
  uid: string;
  editable: boolean;
  tags: string[];
  links: { type: string; tags: string[]; includeVars: boolean; keepTime: boolean }[];
  templating: { list: Variable[] };
  annotations: { list: { datasource: Datasource; expr: string; enable: boolean }[] };
  panels: Panel[];
}

export interface Variable {
  name: string;
  type: string;
  label?: string;
  query?: string;
  datasource?: Datasource;
  multi?: boolean;
  refresh?: number;
  allValue?: string;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: Datasource;
  gridPos: { x: number; y: number; w: number; h: number };
  collapsed?: boolean;
  panels?: Panel[];
  targets?: Target[];
  fieldConfig?: { defaults: { unit?: string; min?: number }; overrides: Override[] };
}

export interface Target {
  refId: string;
  expr: string;
  instant?: boolean;
  datasource?: Datasource;
}

interface Override {
  matcher: { id: string; options: string };
  properties: { id: string; value: unknown }[];
}

interface Datasource {
  type?: string;
  uid?: string;
}

export const DASHBOARDS_FOLDER = join(import.meta.dirname, '..', '..', 'grafana', 'dashboards');

/** The committed dashboards by the names of their files. */
export async function readDashboards(): Promise<Map<string, Dashboard>> {
  const names = (await readdir(DASHBOARDS_FOLDER)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(DASHBOARDS_FOLDER, name), 'utf8')));
  return new Map(names.map((name, i) => [name, JSON.parse(texts[i] ?? '') as Dashboard]));
}

/** All panels that draw something, those in closed rows too. */
export function panelsOf({ panels }: Dashboard): Panel[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));
}
