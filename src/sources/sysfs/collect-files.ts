import type { FileResult } from '../../io/lanes.ts';
import type { ReadError } from '../source.ts';
import type { Verdict } from './attribute.ts';
import type { CardPlan, PlannedAttribute } from './card-plan.ts';
import type { CardDraft } from './draft.ts';
import { reasonOfCode } from './errno.ts';
import type { Tally } from './state.ts';
import { countCode, countVerdict, emptyTally, isAbsent } from './state.ts';

type Results = readonly FileResult[];

/** What was read of a card, lane by lane; undefined where a lane has not been read. */
export interface CardResults {
  readonly driver: Results | undefined;
  readonly pci: Results | undefined;
}

/** What the files of a card came to. */
export interface CardFiles {
  readonly live: Tally;
  readonly all: Tally;
  /** One for each code and each malformed file. */
  readonly errors: readonly ReadError[];
}

/** Goes through everything that was read of a card and fills the draft. */
export function collectFiles(plan: CardPlan, results: CardResults, draft: CardDraft): CardFiles {
  const live = emptyTally();
  const all = emptyTally();
  const failures = new Failures(plan);
  const came: Came = { verdict: undefined, position: 0, code: '' };
  for (const planned of plan.attributes) {
    const { evidence, lane } = planned.attribute;
    const read = results[lane];
    if (read === undefined) continue;
    takeFirst(planned, read, draft, came);
    if (came.verdict !== undefined) {
      if (came.verdict === 'malformed') failures.malformed(planned, came.position);
      if (evidence === 'live') countVerdict(live, came.verdict);
      if (evidence !== 'none') countVerdict(all, came.verdict);
    } else {
      failures.code(planned, came.code);
      if (evidence === 'live') countCode(live, came.code);
      if (evidence !== 'none') countCode(all, came.code);
    }
  }
  return { live, all, errors: failures.errors() };
}

/** What came of an attribute: a verdict on the file at a position, or the code of an error. One object for all of a card's. */
interface Came {
  verdict: Verdict | undefined;
  position: number;
  code: string;
}

/**
 * The first of an attribute's files that yields a value: a device's second hwmon directory shows the same sensor again.
 * Where none does, the first that says anything.
 */
function takeFirst({ attribute, positions }: PlannedAttribute, read: Results, draft: CardDraft, came: Came): void {
  came.verdict = undefined;
  came.code = 'ENOENT';
  for (const position of positions) {
    const result = read[position];
    if (result === undefined) continue;
    if (!result.ok) {
      if (came.verdict === undefined && isAbsent(came.code)) came.code = result.code;
      continue;
    }
    const verdict = result.truncated ? 'malformed' : attribute.take(result.text, draft);
    if (verdict !== 'good' && came.verdict !== undefined) continue;
    came.verdict = verdict;
    came.position = position;
    if (verdict === 'good') return;
  }
}

/** Gathers what could not be read: a card whose files are all refused is one error, not fifty. */
class Failures {
  readonly #plan: CardPlan;
  readonly #files = new Map<string, string[]>();
  readonly #malformed: string[] = [];

  constructor(plan: CardPlan) {
    this.#plan = plan;
  }

  /** Files that are not there are no error, nor is ENODATA, which the card's state tells. */
  code(planned: PlannedAttribute, code: string): void {
    if (isAbsent(code) || code === 'ENODATA') return;
    const files = this.#files.get(code);
    if (files === undefined) this.#files.set(code, [planned.attribute.file]);
    else files.push(planned.attribute.file);
  }

  malformed({ attribute }: PlannedAttribute, position: number): void {
    const path = this.#plan[attribute.lane]?.files[position]?.path ?? attribute.file;
    this.#malformed.push(path);
  }

  errors(): ReadError[] {
    const card = this.#plan.location.pciAddress;
    const refused = Array.from(this.#files, ([code, files]) => ({
      reason: reasonOfCode(code),
      message: `card ${card}: ${code} from ${String(files.length)} of its files, the first is ${files[0] ?? ''}`,
    }));
    const malformed = this.#malformed.map((path) => ({
      reason: 'malformed',
      message: `${path} does not hold what the driver's documentation says; it was left out`,
    }));
    return [...refused, ...malformed];
  }
}
