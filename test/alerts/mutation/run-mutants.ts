import { availableParallelism } from 'node:os';
import type { CaseFile } from '../case-file.ts';
import { testRules } from '../promtool-rules.ts';
import { rulesFor } from '../rule-set.ts';
import type { PrometheusGroup } from '../rule-set.ts';
import type { Mutant } from './mutants.ts';

/** Runs the cases of everything that rests on the mutants' rules. Gives those mutants that no case noticed. */
export async function survivorsOf(
  mutants: readonly Mutant[],
  files: readonly CaseFile[],
  groups: readonly PrometheusGroup[],
  onSurvivor: (mutant: Mutant) => void = () => undefined,
): Promise<Mutant[]> {
  const needs = files.map((file) => ({ file, names: namesIn(rulesFor(file.rules ?? [file.alert], groups)) }));
  const survivors: Mutant[] = [];
  const queue = mutants.values();
  const work = async (): Promise<void> => {
    for (const mutant of queue) {
      const touched = needs.filter(({ names }) => names.has(mutant.rule)).map(({ file }) => file);
      if (await isNoticed(mutant, touched)) continue;
      survivors.push(mutant);
      onSurvivor(mutant);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return mutants.filter((mutant) => survivors.includes(mutant));
}

async function isNoticed(mutant: Mutant, files: readonly CaseFile[]): Promise<boolean> {
  for (const file of files) {
    const rules = rulesFor(file.rules ?? [file.alert], mutant.groups);
    if ((await testRules(rules, file)) !== '') return true;
  }
  return false;
}

function namesIn(groups: readonly PrometheusGroup[]): Set<string> {
  return new Set(groups.flatMap(({ rules }) => rules.map((rule) => rule.alert ?? rule.record ?? '')));
}
