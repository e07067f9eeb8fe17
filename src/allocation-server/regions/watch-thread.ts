/* The thread that watches the regions: applications' reports never wait for it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Card } from '../../sources/sysfs/types.ts';
import { readCards } from '../capacity.ts';
import { HostProcesses } from '../identity/host-processes.ts';
import type { WatchedRegions } from '../books/types.ts';
import { RegionBook } from './region-book.ts';
import { RegionLooks } from './region-looks.ts';
import type { RegionPaths } from './region-looks.ts';

/** What the thread says after each look. */
export interface WatchMessage {
  /** Undefined where the look was not over in time. */
  readonly evidence: WatchedRegions | undefined;
  /** What could not be read or believed. */
  readonly problems: readonly string[];
}

/** What it is started with. */
export interface WatchPlan {
  readonly paths: RegionPaths;
  readonly periodMs: number;
}

/** Cards come and go with their driver, which is seldom. */
const CARDS_EVERY_MS = 60_000;

async function watch({ paths, periodMs }: WatchPlan, say: (message: WatchMessage) => void): Promise<never> {
  const processes = new HostProcesses(paths.procfs);
  const book = new RegionBook((pid, startTicks) => processes.hasEnded(pid, startTicks));
  const looks = new RegionLooks(paths, processes);
  let cards: readonly Card[] = [];
  let cardsReadAt = -Infinity;
  for (;;) {
    const start = performance.now();
    if (start - cardsReadAt > CARDS_EVERY_MS) {
      cards = (await readCards(paths.sysfs)) ?? cards;
      cardsReadAt = start;
    }
    const problems: string[] = [];
    const look = await looks.look(cards, ({ message }) => problems.push(message));
    if (look !== undefined) book.take(look);
    say({ evidence: look === undefined ? undefined : book.evidence(), problems });
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + periodMs - performance.now())));
  }
}

const port = parentPort;
if (port !== null) {
  await watch(workerData as WatchPlan, (message) => {
    port.postMessage(message);
  });
}
