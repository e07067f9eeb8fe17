import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchHost } from '../bench-host.ts';
import { startOurs } from '../exporters/ours.ts';
import { processTree } from '../process-costs.ts';
import { scrapeFor } from '../scrape.ts';
import { waitForEnd } from '../wait-for-end.ts';
import { ownTimes, selfTimes } from './cpu-profile.ts';
import type { CpuProfile, WorkTime } from './cpu-profile.ts';

/** The profile of one thread of the exporter. */
export interface ThreadProfile {
  readonly thread: string;
  readonly scrapes: number;
  readonly self: readonly WorkTime[];
  readonly own: readonly WorkTime[];
}

export interface ProfilePlan {
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly script: string;
}

const INTERVAL_MICROSECONDS = 250;

/** Profiles an exporter of its own under scrapes without a pause. The profiles stay in the folder. */
export async function profileOurs(host: BenchHost, folder: string, plan: ProfilePlan): Promise<ThreadProfile[]> {
  await mkdir(folder, { recursive: true });
  const program = await startOurs(host, {
    script: plan.script,
    nodeFlags: ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${INTERVAL_MICROSECONDS}`],
  });
  const { leastSeries } = host;
  try {
    await scrapeFor(program.said, { milliseconds: plan.warmUpMs, leastSeries });
    const from = Number(process.hrtime.bigint() / 1000n);
    const pids = processTree(program.pid);
    const scrapes = await scrapeFor(program.said, { milliseconds: plan.measureMs, leastSeries });
    await program.end();
    await waitForEnd(pids);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile')).sort();
    return await Promise.all(
      names.map(async (name) => {
        const profile = JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile;
        const times = { self: selfTimes(profile, from), own: ownTimes(profile, from) };
        return { thread: threadOf(name, pids), scrapes, ...times };
      }),
    );
  } finally {
    await program.end();
  }
}

/** CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile */
function threadOf(name: string, pids: readonly number[]): string {
  const [, , , pid, thread] = name.split('.');
  const role = ['HTTP process', 'reader'][pids.indexOf(Number(pid))] ?? `process ${pid ?? ''}`;
  return thread === '0' ? role : `${role}, worker ${thread ?? ''}`;
}
