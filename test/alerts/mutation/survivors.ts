import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Mutants that no case can or need notice, as `rule: change`, and why. */
export async function explained(): Promise<Map<string, string>> {
  const text = await readFile(join(import.meta.dirname, 'survivors.yaml'), 'utf8');
  const groups = (parse(text) ?? []) as { reason: string; mutants: { rule: string; change: string }[] }[];
  return new Map(
    groups.flatMap(({ reason, mutants }) => mutants.map(({ rule, change }) => [`${rule}: ${change}`, reason] as const)),
  );
}
