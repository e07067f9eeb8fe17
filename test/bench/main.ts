/** What a scrape costs, beside exporters made the usual way with Go and with prom-client: `npm run bench`. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGalaxyLoad } from '../../src/simulator/galaxy-load.ts';
import type { BooksResult } from './allocation-server/books-program.ts';
import type { ServerResult } from './allocation-server/server-program.ts';
import { serveHost } from './bench-host.ts';
import type { BenchHost } from './bench-host.ts';
import { memoryChanger } from './change-memory.ts';
import { compare } from './compare.ts';
import type { ComparePlan } from './compare.ts';
import type { EncodeResult } from './encode/encode-program.ts';
import type { ScaleResult } from './encode/scale-program.ts';
import { buildGoPeer } from './exporters/go.ts';
import { measureFirstAnswers } from './first-answer.ts';
import { runForJson } from './json-program.ts';
import { measureLoopDelay } from './loop-delay.ts';
import { measureMemory } from './measure-memory.ts';
import { describeLoad, describeMachine } from './machine.ts';
import type { CrowdResult } from './crowd-program.ts';
import type { GarbageResult } from './garbage-program.ts';
import { createN150Load } from './n150-load.ts';
import { parseOptions } from './options.ts';
import type { OtelResult } from './otel/otel-program.ts';
import type { BenchOptions } from './options.ts';
import { endPrograms } from './program.ts';
import { profileOurs } from './profile/profile-ours.ts';
import { profileTable } from './profile/profile-table.ts';
import { crowdRow, encodeRows, firstAnswerRow, garbageRow, loopDelayRow, scaleRows } from './report/part-rows.ts';
import { booksRows } from './report/books-rows.ts';
import { otelRows } from './report/otel-rows.ts';
import { serverRows } from './report/server-rows.ts';
import { markdownTable } from './report/row.ts';
import type { Row } from './report/row.ts';
import { galaxyRows, n150Rows } from './report/scrape-rows.ts';

const PROCESSES = { galaxy: 64, n150: 4 };

async function bench(options: BenchOptions, folder: string, undo: AsyncDisposableStack): Promise<void> {
  say('building');
  const goPeer = await buildGoPeer(folder);
  const galaxy = await galaxyHost(folder, undo);
  const loadBefore = describeLoad();
  const rows: Row[] = [];
  say('scraping a Galaxy');
  const changing = await changingGalaxy(folder, undo);
  rows.push(...galaxyRows(await compare(galaxy, goPeer, { plan: options.galaxy, script: options.script, changing })));
  say('scraping an n150');
  const n150 = await n150Host(folder, undo);
  rows.push(...n150Rows(await compare(n150, goPeer, { plan: options.n150, script: options.script })));
  say('measuring the parts');
  rows.push(...(await partRows(galaxy, folder, options)));

  const { rounds, scrapesARound } = options.galaxy;
  console.log(
    [
      `A whole scrape of a Galaxy (${galaxy.devices} chips, ${galaxy.processes} processes on each) over HTTP with gzip, sources included:`,
      `${rounds} rounds of ${scrapesARound} scrapes each in turn; median (least–most) of the rounds. A Node process beside the exporter is its client.`,
      '',
      ...(await describeMachine(goPeer)).map((line) => `- ${line}`),
      `- ${loadBefore} before, ${describeLoad()} after`,
      ...(goPeer.kind === 'missing' ? [`- ${goPeer.why}`] : []),
      '',
      markdownTable(rows),
    ].join('\n'),
  );
}

async function partRows(galaxy: BenchHost, folder: string, options: BenchOptions): Promise<Row[]> {
  const rounds = String(options.encodeRounds);
  const encode = (await runForJson('encode/encode-program.ts', [rounds, ...galaxy.flags])) as EncodeResult;
  const scale = (await runForJson('encode/scale-program.ts', [rounds])) as ScaleResult;
  const garbage = (await runForJson('garbage-program.ts', ['100', ...galaxy.flags])) as GarbageResult;
  const crowd = (await runForJson('crowd-program.ts', [rounds])) as CrowdResult;
  const books = (await runForJson('allocation-server/books-program.ts', [rounds])) as BooksResult;
  // Its rounds take seconds.
  const fewer = String(Math.ceil(options.encodeRounds / 5));
  const server = (await runForJson('allocation-server/server-program.ts', [fewer])) as ServerResult;
  const otel = (await runForJson('otel/otel-program.ts', [rounds])) as OtelResult;
  const plan = { ...options.loopDelay, script: options.script };
  return [
    ...encodeRows(encode),
    ...scaleRows(scale),
    crowdRow(crowd),
    garbageRow(garbage),
    firstAnswerRow(await measureFirstAnswers(galaxy, options.starts)),
    loopDelayRow(await measureLoopDelay(galaxy, folder, plan)),
    ...booksRows(books),
    ...serverRows(server),
    ...otelRows(otel),
  ];
}

async function profile(options: BenchOptions, folder: string, undo: AsyncDisposableStack): Promise<void> {
  say('building');
  const hosts = { Galaxy: await galaxyHost(folder, undo), n150: await n150Host(folder, undo) };
  const kept = await mkdtemp(join(tmpdir(), 'tt-bench-profile-'));
  const plan = { ...(options.profile ?? options.loopDelay), script: options.script };
  for (const [name, host] of Object.entries(hosts)) {
    say(`profiling: ${name}`);
    console.log(`# ${name}\n`);
    for (const thread of await profileOurs(host, join(kept, name), plan)) console.log(`${profileTable(thread)}\n`);
  }
  console.log(`The profiles are in ${kept}: Chrome's developer tools show them.`);
}

async function memory(options: BenchOptions, folder: string, undo: AsyncDisposableStack): Promise<void> {
  const host = await galaxyHost(folder, undo);
  await measureMemory(host, { scrapes: options.scrapes ?? 0, script: options.script }, (line) => {
    console.log(line);
  });
}

async function galaxyHost(folder: string, undo: AsyncDisposableStack): Promise<BenchHost> {
  const host = await createGalaxyLoad({ processes: PROCESSES.galaxy, root: join(folder, 'galaxy-host') });
  undo.defer(() => host.close());
  return await serveHost(host, { processes: PROCESSES.galaxy, folder: join(folder, 'galaxy') }, undo);
}

/** Its regions are where real ones are: elsewhere a store into a mapped file moves the file's times. */
async function changingGalaxy(folder: string, undo: AsyncDisposableStack): Promise<ComparePlan['changing']> {
  const processes = PROCESSES.galaxy;
  const root = join(folder, 'changing-host');
  const shm = await mkdtemp('/dev/shm/tt-bench-');
  undo.defer(() => rm(shm, { recursive: true, force: true }));
  await mkdir(join(root, 'dev'), { recursive: true });
  await symlink(shm, join(root, 'dev/shm'));
  const host = await createGalaxyLoad({ processes, root });
  undo.defer(() => host.close());
  const change = await memoryChanger(host, { processes, folder }, undo);
  return { host: await serveHost(host, { processes, folder: join(folder, 'changing') }, undo), change };
}

async function n150Host(folder: string, undo: AsyncDisposableStack): Promise<BenchHost> {
  const host = await createN150Load(PROCESSES.n150, join(folder, 'n150-host'));
  undo.defer(() => host.close());
  return await serveHost(host, { processes: PROCESSES.n150, folder: join(folder, 'n150') }, undo);
}

function say(what: string): void {
  process.stderr.write(`${what} …\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  await using undo = new AsyncDisposableStack();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void breakOff(undo));
  }
  const folder = await mkdtemp(join(tmpdir(), 'tt-bench-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const task = options.scrapes !== undefined ? memory : options.profile === undefined ? bench : profile;
  await task(options, folder, undo);
}

async function breakOff(undo: AsyncDisposableStack): Promise<void> {
  await endPrograms().finally(() => undo.disposeAsync());
  process.exit(1);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
