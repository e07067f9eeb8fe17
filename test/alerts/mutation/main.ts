/** `npm run mutate:alerts [-- --rule=NAME …]`: every mutant; compares those that survive with survivors.yaml. */
import { parseArgs } from 'node:util';
import { readCaseFiles } from '../case-file.ts';
import { readGroups } from '../rule-set.ts';
import { allMutants } from './mutants.ts';
import type { Mutant } from './mutants.ts';
import { survivorsOf } from './run-mutants.ts';
import { explained } from './survivors.ts';

const { values } = parseArgs({ options: { rule: { type: 'string', multiple: true } } });
const groups = await readGroups();
const mutants = allMutants(groups).filter(({ rule }) => values.rule?.includes(rule) ?? true);
const reasons = await explained();
const isExplained = ({ rule, change }: Mutant) => reasons.has(`${rule}: ${change}`);
const survivors = await survivorsOf(mutants, await readCaseFiles(), groups, (mutant) => {
  if (!isExplained(mutant)) console.log(`- { rule: '${mutant.rule}', change: ${JSON.stringify(mutant.change)} }`);
});
const unexplained = survivors.filter((mutant) => !isExplained(mutant));
const seen = new Set(survivors.map(({ rule, change }) => `${rule}: ${change}`));
const chosen = new Set(mutants.map(({ rule, change }) => `${rule}: ${change}`));
const stale = [...reasons.keys()].filter((key) => chosen.has(key) && !seen.has(key));
for (const key of stale) console.log(`no survivor any more: ${key}`);
console.log(
  `${mutants.length} mutants, ${survivors.length} survive, ${unexplained.length} of them without a reason in survivors.yaml`,
);
process.exitCode = unexplained.length + stale.length === 0 ? 0 : 1;
