import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const CASES_FOLDER = join(import.meta.dirname, 'cases');
/** What a series has that names no target of its own. */
const TARGET = 'cluster="c", job="j", instance="a"';

/** What is expected of one alert: when it fires, with which labels and text, and when it keeps silent. */
export interface CaseFile {
  /** '' where it is about recording rules. */
  readonly alert: string;
  /** The recording rules that it is about, where there is no alert. */
  readonly rules?: readonly string[];
  readonly summary: string;
  /** Labels that all of its alerts have. */
  readonly labels: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

export interface Case {
  readonly name: string;
  /** Of series and evaluation; a minute where it is not said. */
  readonly interval?: string;
  /** Values by series in promtool's notation. The target's labels are put in where a series has no instance. */
  readonly series: Readonly<Record<string, string>>;
  /** What fires by time. */
  readonly at: Readonly<Record<string, readonly ExpectedAlert[]>>;
  /** Values of recording rules by time and name, as `{labels} value`. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Labels beside those of the file and the target, and the description as `text`. */
export type ExpectedAlert = Readonly<Record<string, string>>;

export async function readCaseFiles(): Promise<CaseFile[]> {
  return Promise.all((await readdir(CASES_FOLDER)).sort().map(readCaseFile));
}

export async function readCaseFile(name: string): Promise<CaseFile> {
  const file = parse(await readFile(join(CASES_FOLDER, name), 'utf8')) as CaseFile;
  for (const [series, values] of file.cases.flatMap((one) => Object.entries<unknown>(one.series))) {
    if (typeof values !== 'string')
      throw new Error(`${name}: put the values of ${series} in quotes, YAML reads 0x as hex`);
  }
  return file;
}

/** With the labels of a target, unless it names its own; without a cluster where `cluster` is false. */
export function fullSeries(series: string, cluster: boolean): string {
  const full = /instance="/u.test(series)
    ? series
    : series.includes('{')
      ? series.replace('{', `{${TARGET}, `).replace(', }', '}')
      : `${series}{${TARGET}}`;
  return cluster ? full : full.replace(/cluster="[^"]*", /u, '');
}
