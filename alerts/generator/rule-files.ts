import { deviceAlerts } from './device-alerts.ts';
import { longTermChipHours, longTermChips, longTermWorkloads } from './long-term.ts';
import { memoryAlerts } from './memory-alerts.ts';
import { memoryRecordings } from './memory-recordings.ts';
import { orphanRules } from './orphan-alerts.ts';
import { MEMORIES } from './promql.ts';
import { monitoringAlerts } from './monitoring-alerts.ts';
import { exporterAlerts } from './exporter-alerts.ts';
import { growthRules } from './growth-alerts.ts';
import { heldIdleRules } from './idle-alerts.ts';
import type { Rule, RuleFile, RuleGroup } from './rules.ts';
import { seenRecordings } from './seen-recordings.ts';
import { linkDegraded, linkHistory, linkRules, sensorAlerts } from './sensor-alerts.ts';
import type { Thresholds } from './thresholds.ts';

/** All rule files, made with these thresholds. Throws for a threshold that is missing, wrong or not used. */
export function ruleFiles(thresholds: Thresholds): RuleFile[] {
  const group = (name: string, interval: string, rules: readonly Rule[]): RuleGroup => ({
    name: `tenstorrent-${name}`,
    interval: thresholds.duration(`evaluation.${interval}`),
    rules,
  });
  const files: RuleFile[] = [
    {
      name: 'memory',
      title: "Device memory: leaked, running out, or nobody's",
      groups: [
        group('memory', 'interval', [...memoryRecordings(), ...memoryAlerts(thresholds)]),
        group('orphans', 'interval', orphanRules(thresholds)),
        ...MEMORIES.map((one) => group(`growth-${one.memory}`, 'growth', growthRules(thresholds, one))),
        group('idle', 'history', heldIdleRules(thresholds)),
      ],
    },
    {
      name: 'devices',
      title: 'Chips: reachable, alive, cool, well connected',
      groups: [
        group('devices', 'interval', [...deviceAlerts(thresholds), ...sensorAlerts(thresholds)]),
        group('links', 'history', linkRules(thresholds)),
        group('link-history', 'longTerm', linkHistory(thresholds)),
        group('link-alerts', 'history', [linkDegraded(thresholds)]),
      ],
    },
    {
      name: 'monitoring',
      title: 'The exporters and trackers themselves',
      groups: [
        group('seen', 'history', seenRecordings(thresholds)),
        group('monitoring', 'interval', [...exporterAlerts(thresholds), ...monitoringAlerts(thresholds)]),
      ],
    },
    {
      name: 'long-term',
      title: 'Usage by chip and workload, for long retention',
      groups: [
        group('long-term', 'longTerm', longTermChips(thresholds)),
        ...MEMORIES.map((one) => group(`long-term-${one.memory}`, 'longTerm', longTermWorkloads(thresholds, one))),
        group('long-term-chip-hours', 'longTerm', longTermChipHours(thresholds)),
      ],
    },
  ];
  thresholds.text('runbookUrl');
  const unread = thresholds.unread();
  if (unread.length > 0) throw new Error(`no rule uses these thresholds: ${unread.join(', ')}`);
  return files;
}
