import { appendFile, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import type { RuleGroup } from './rule-files.ts';
import type { Result } from './score.ts';
import type { WorldPlan } from './world.ts';

/** One world that was played, as a line of the file. */
interface Line {
  readonly key: string;
  readonly seed: number;
  readonly seconds: number;
  readonly result: {
    readonly byArchetype: readonly (readonly [string, Result['total']])[];
    readonly byAlert: readonly (readonly [string, Result['total']])[];
    readonly total: Result['total'];
    readonly complaints: readonly string[];
  };
}

/** Results of worlds by what they are of: a run that was ended finds here what it had. */
export interface ResultsFile {
  find(plan: WorldPlan): Result | undefined;
  add(plan: WorldPlan, result: Result, seconds: number): Promise<void>;
}

/** Reads what is in the file, if there is one, of these rules; others stay in it and are not looked at. */
export async function openResults(path: string, groups: readonly RuleGroup[]): Promise<ResultsFile> {
  const rules = createHash('sha256').update(JSON.stringify(groups)).digest('hex').slice(0, 16);
  const keyOf = (plan: WorldPlan): string => JSON.stringify({ rules, ...plan });
  const known = new Map((await linesOf(path)).map((line) => [line.key, line]));
  return {
    find(plan) {
      const line = known.get(keyOf(plan));
      return line === undefined ? undefined : revive(line);
    },
    async add(plan, { byArchetype, byAlert, total, complaints }, seconds) {
      const result = { byArchetype: [...byArchetype], byAlert: [...byAlert], total, complaints };
      const line: Line = { key: keyOf(plan), seed: plan.seed, seconds: Math.round(seconds), result };
      // A line that was cut off before ends here.
      await appendFile(path, `\n${JSON.stringify(line)}\n`);
    },
  };
}

function revive({ result }: Line): Result {
  const { byArchetype, byAlert, total, complaints } = result;
  return { byArchetype: new Map(byArchetype), byAlert: new Map(byAlert), total, complaints: [...complaints] };
}

/** A line that was cut off when a run was ended counts as none. */
async function linesOf(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}
