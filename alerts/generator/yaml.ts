import { Document, isMap } from 'yaml';
import type { Alert, Recording, Rule, RuleFile, RuleGroup } from './rules.ts';

const HEADER = 'Made from thresholds.yaml by npm run alerts: do not edit.';

/** A rule file as Prometheus reads it. `runbookUrl` has {name} for the alert's. */
export function toPrometheusYaml(file: RuleFile, runbookUrl: string): string {
  return write({ groups: file.groups.map((group) => toGroup(group, runbookUrl)) }, file.title, file.groups, ['groups']);
}

/** The groups of all files as one PrometheusRule, for the Prometheus operator. */
export function toPrometheusRule(files: readonly RuleFile[], runbookUrl: string): string {
  const groups = files.flatMap((file) => file.groups);
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'tenstorrent-exporter', labels: { 'app.kubernetes.io/name': 'tenstorrent-exporter' } },
    spec: { groups: groups.map((group) => toGroup(group, runbookUrl)) },
  };
  return write(resource, 'All rules, for the Prometheus operator', groups, ['spec', 'groups']);
}

/** The groups by rule file as JSON, for Jsonnet. */
export function toJson(files: readonly RuleFile[], runbookUrl: string): string {
  const byFile = Object.fromEntries(
    files.map((file) => [file.name, file.groups.map((group) => toGroup(group, runbookUrl))]),
  );
  return `${JSON.stringify(byFile, undefined, 2)}\n`;
}

function toGroup(group: RuleGroup, runbookUrl: string): object {
  return {
    name: group.name,
    interval: group.interval,
    rules: group.rules.map((rule) => (rule.kind === 'record' ? toRecord(rule) : toAlert(rule, runbookUrl))),
  };
}

function toRecord({ record, expr, labels }: Recording): object {
  return { record, expr, ...(labels === undefined ? {} : { labels }) };
}

function toAlert(rule: Alert, runbookUrl: string): object {
  return {
    alert: rule.alert,
    expr: rule.expr,
    ...(rule.for === undefined ? {} : { for: rule.for }),
    ...(rule.keepFiringFor === undefined ? {} : { keep_firing_for: rule.keepFiringFor }),
    labels: { severity: rule.severity, audience: rule.audience, ...rule.labels },
    annotations: {
      summary: rule.summary,
      description: rule.description,
      runbook_url: runbookUrl.replace('{name}', rule.alert),
    },
  };
}

/** The value as YAML, with each rule's why as a comment above it. */
function write(value: object, title: string, groups: readonly RuleGroup[], path: readonly string[]): string {
  const document = new Document(value);
  document.commentBefore = ` ${title}.\n ${HEADER}`;
  for (const [i, group] of groups.entries()) {
    for (const [j, rule] of group.rules.entries()) comment(document, [...path, i, 'rules', j], rule);
  }
  return document.toString({ lineWidth: 0, singleQuote: true });
}

function comment(document: Document, path: readonly (string | number)[], rule: Rule): void {
  const node = document.getIn(path, true);
  if (isMap(node) && rule.why !== undefined) node.commentBefore = ` ${rule.why}`;
}
