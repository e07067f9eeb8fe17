import { SERIES_FAMILY } from './catalogue/exporter.ts';
import { FAMILIES_WITH_USER } from './catalogue.ts';
import type { FamilyGroup } from './family.ts';
import { OWN_FAMILIES } from './prom-client/own-families.ts';
import { GROUP_TEXTS } from './reference/groups.ts';
import { LABEL_TEXTS } from './reference/label-values.ts';
import type { LabelText } from './reference/label-values.ts';
import { LIMITS } from './reference/limits.ts';
import { MIGRATIONS } from './reference/migration.ts';
import { attributeRows, OTEL_INTRO, otelRows } from './reference/otel.ts';

/** What is said of a family, whoever draws it. */
export interface FamilyDescription {
  /** As in the text format. */
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly group: FamilyGroup;
}

/** Every family of a page but process_* and nodejs_*. */
export const DESCRIPTIONS: readonly FamilyDescription[] = [...FAMILIES_WITH_USER, SERIES_FAMILY, ...OWN_FAMILIES];

/** METRICS.md, made from the catalogue. */
export function metricsReference(): string {
  const sections = [
    INTRO,
    ...GROUP_TEXTS.map(groupSection),
    labelSection(),
    limitSection(),
    otelSection(),
    migrationSection(),
  ];
  return `${sections.join('\n\n')}\n`;
}

const INTRO = `# Metrics

Made from the catalogue by \`npm run docs\`: do not edit.

- What is unknown is absent, never 0; a true 0 is published.
- Every series is made anew on each scrape: nothing of a process or a device survives from the scrape before, but for \`tt_device_pcie_noc_bytes_total\`, which is counted between scrapes.
- Base units, named at the end. \`_total\` is on counters only, \`_info\` is a gauge of 1 whose labels are the news, and families with a \`state\` label are 1 for the state that holds and 0 for the others, unless they count.
- In OpenMetrics counters are named without \`_total\` on their HELP, TYPE and UNIT lines; their series are named as here.`;

function groupSection({ group, title, intro }: (typeof GROUP_TEXTS)[number]): string {
  const rows = DESCRIPTIONS.filter((family) => family.group === group).map(({ name, type, labels, help }) => [
    code(name),
    type,
    labels.map(code).join(', '),
    help,
  ]);
  return `## ${title}\n\n${intro}\n\n${table(['Name', 'Type', 'Labels', 'Meaning'], rows)}`;
}

function labelSection(): string {
  const rows = LABEL_TEXTS.map((text) => [code(text.label), text.families?.map(code).join(', ') ?? '', text.values]);
  return `## Values of labels\n\nA row without families is about all that have the label and no row of their own.\n\n${table(['Label', 'Families', 'Values'], rows)}`;
}

function limitSection(): string {
  const items = LIMITS.map(([what, why]) => `- **${what}.** ${why}`);
  return `## What no number here contains\n\n${items.join('\n')}`;
}

function otelSection(): string {
  const rows = otelRows().map(([family = '', name = '', kind = '', unit = '', attributes = '']) => [
    code(family),
    code(name),
    kind,
    code(unit),
    attributes,
  ]);
  const names = table(['Here', 'OpenTelemetry', 'Kind', 'Unit', 'Attributes of its own'], rows);
  const attributes = table(
    ['Label', 'Attribute'],
    attributeRows().map((row) => row.map(code)),
  );
  return `## OpenTelemetry's names\n\n${OTEL_INTRO}\n\n${names}\n\nAttributes by label, where the table above has no other:\n\n${attributes}`;
}

function migrationSection(): string {
  const parts = MIGRATIONS.map(({ tool, intro, rows }) => {
    const cells = rows.map(([theirs, ours, change]) => [
      theirs.split(', ').map(code).join(', '),
      ours === '' ? 'none' : code(ours),
      change,
    ]);
    return `### ${tool}\n\n${intro}\n\n${table(['There', 'Here', 'Change'], cells)}`;
  });
  return ['## Coming from other tools', ...parts].join('\n\n');
}

/** The text that is about a label of a family; undefined where there is none. */
export function labelText(family: string, label: string): LabelText | undefined {
  const texts = LABEL_TEXTS.filter((text) => text.label === label);
  return texts.find((text) => text.families?.includes(family)) ?? texts.find((text) => text.families === undefined);
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
