import type { PageFormat } from '../../reader/types.ts';
import type { Family } from '../family.ts';
import { escapeHelp } from './escape.ts';
import { fragment } from './fragment.ts';
import type { Fragment } from './fragment.ts';

/** What is the same in every page of a family, ready to be copied. */
export interface FamilyPlan {
  readonly labels: number;
  /** The lines before the samples. */
  readonly head: Readonly<Record<PageFormat, Fragment>>;
  /** From the start of a line to the first label's value: `name{first="`; without labels `name `. */
  readonly open: Fragment;
  /** Behind each label's value: `",next="`, behind the last `"} `. */
  readonly behind: readonly Fragment[];
}

export function planFamily(family: Family): FamilyPlan {
  const [first, ...others] = family.labels;
  return {
    labels: family.labels.length,
    head: { text: fragment(headLines(family, 'text')), openmetrics: fragment(headLines(family, 'openmetrics')) },
    open: fragment(first === undefined ? `${family.name} ` : `${family.name}{${first}="`),
    behind: first === undefined ? [] : [...others.map((label) => fragment(`",${label}="`)), fragment('"} ')],
  };
}

/** What HELP, TYPE and UNIT lines are made of. */
export interface FamilyHead {
  /** As in the text format. */
  readonly name: string;
  readonly type: string;
  readonly unit: string | undefined;
  readonly help: string;
}

/** The HELP and TYPE lines, and in OpenMetrics the UNIT line; OpenMetrics names a counter without its `_total`. */
export function headLines(family: FamilyHead, format: PageFormat): string {
  const name = format === 'openmetrics' ? openMetricsName(family) : family.name;
  const lines = [`# HELP ${name} ${escapeHelp(family.help, format)}`, `# TYPE ${name} ${family.type}`];
  if (format === 'openmetrics' && family.unit !== undefined) lines.push(`# UNIT ${name} ${family.unit}`);
  return `${lines.join('\n')}\n`;
}

/** The family's name in OpenMetrics: a counter's has no `_total`, which belongs to its samples. */
export function openMetricsName(family: { readonly name: string; readonly type: string }): string {
  return family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
}
