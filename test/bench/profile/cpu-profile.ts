/** The parts of V8's CPU profile that are used here. Times are in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** On the monotonic clock, as process.hrtime() is. */
  readonly startTime: number;
  /** Ids of nodes. */
  readonly samples: readonly number[];
  /** Before each sample. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** From 0. */
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
}

/** How long something was at work. */
export interface WorkTime {
  /** `name file:line`; only a name where it is not JavaScript. */
  readonly where: string;
  readonly milliseconds: number;
}

const NOT_WORK = new Set(['(idle)', '(root)']);
/** Of the project's folder. */
const ROOT = new URL('../../../', import.meta.url).href;

/**
 * Self times of functions since `fromMicroseconds` (on the profile's clock), the longest first; idle time is left out.
 */
export function selfTimes(profile: CpuProfile, fromMicroseconds: number): WorkTime[] {
  return timesOf(profile, fromMicroseconds, new Map(profile.nodes.map((node) => [node.id, nameOf(node)])));
}

/** The same for the project's own functions, each with what Node and libraries did for it. */
export function ownTimes(profile: CpuProfile, fromMicroseconds: number): WorkTime[] {
  const parents = new Map<number, ProfileNode>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node);
  const names = profile.nodes.map((node): [number, string] => {
    let owner: ProfileNode | undefined = node;
    while (owner !== undefined && !isOwn(owner.callFrame.url)) owner = parents.get(owner.id);
    const name = nameOf(node);
    return [node.id, NOT_WORK.has(name) ? name : owner === undefined ? '(called by none of ours)' : nameOf(owner)];
  });
  return timesOf(profile, fromMicroseconds, new Map(names));
}

function timesOf(profile: CpuProfile, fromMicroseconds: number, names: ReadonlyMap<number, string>): WorkTime[] {
  const times = new Map<string, number>();
  let at = profile.startTime;
  profile.samples.forEach((id, index) => {
    at += profile.timeDeltas[index] ?? 0;
    const where = names.get(id);
    if (at < fromMicroseconds || where === undefined || NOT_WORK.has(where)) return;
    // A sample stands for the time until the next one.
    const microseconds = Math.max(0, profile.timeDeltas[index + 1] ?? 0);
    times.set(where, (times.get(where) ?? 0) + microseconds / 1000);
  });
  return Array.from(times, ([where, milliseconds]) => ({ where, milliseconds })).sort(longestFirst);
}

export function longestFirst(one: WorkTime, other: WorkTime): number {
  return other.milliseconds - one.milliseconds;
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = isOwn(url) ? url.slice(ROOT.length) : url.replace(/^file:\/\/.*\/(?=node_modules\/)/, '');
  return `${name} ${file}:${lineNumber + 1}`;
}

function isOwn(url: string): boolean {
  return url.startsWith(ROOT) && !url.includes('/node_modules/');
}
