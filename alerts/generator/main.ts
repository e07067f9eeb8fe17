/** `npm run alerts`: writes the rule files, the PrometheusRule and the mixin's rules from the thresholds. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ruleFiles } from './rule-files.ts';
import { parseThresholds } from './thresholds.ts';
import { toJson, toPrometheusRule, toPrometheusYaml } from './yaml.ts';

const ALERTS = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    thresholds: { type: 'string', default: join(ALERTS, 'thresholds.yaml') },
    out: { type: 'string', default: ALERTS },
    'runbook-url': { type: 'string' },
  },
});
const thresholds = parseThresholds(readFileSync(values.thresholds, 'utf8'));
const files = ruleFiles(thresholds);
const runbookUrl = values['runbook-url'] ?? thresholds.text('runbookUrl');
if (!runbookUrl.includes('{name}')) throw new Error(`the address of the runbooks has no {name}: ${runbookUrl}`);
mkdirSync(join(values.out, 'kubernetes'), { recursive: true });
for (const file of files) writeFileSync(join(values.out, `${file.name}.yml`), toPrometheusYaml(file, runbookUrl));
writeFileSync(join(values.out, 'kubernetes', 'prometheus-rule.yaml'), toPrometheusRule(files, runbookUrl));
writeFileSync(join(values.out, 'rules.json'), toJson(files, runbookUrl));
