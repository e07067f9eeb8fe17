/** `npm run mutate:alerts [-- --rule=NAME]`: every mutant; compares those that survive with survivors.yaml. */
import { parseArgs } from 'node:util';
import { readCaseFiles } from '../case-file.ts';
import { readGroups } from '../rule-set.ts';
import { allMutants } from './mutants.ts';
import { survivorsOf } from './run-mutants.ts';
import { explained } from './survivors.ts';

const { values } = parseArgs({ options: { rule: { type: 'string' } } });
const groups = await readGroups();
const mutants = allMutants(groups).filter(({ rule }) => values.rule === undefined || rule === values.rule);
const survivors = await survivorsOf(mutants, await readCaseFiles(), groups, (done) => {
  if (done % 20 === 0) console.error(`${done} of ${mutants.length}`);
});
const reasons = await explained();
const unexplained = survivors.filter(({ rule, change }) => !reasons.has(`${rule}: ${change}`));
for (const { rule, change } of unexplained)
  console.log(`- rule: ${rule}\n  change: ${JSON.stringify(change)}\n  reason: `);
const seen = new Set(survivors.map(({ rule, change }) => `${rule}: ${change}`));
const stale = values.rule === undefined ? [...reasons.keys()].filter((key) => !seen.has(key)) : [];
for (const key of stale) console.log(`no survivor any more: ${key}`);
console.log(
  `${mutants.length} mutants, ${survivors.length} survive, ${unexplained.length} of them without a reason in survivors.yaml`,
);
process.exitCode = unexplained.length + stale.length === 0 ? 0 : 1;
