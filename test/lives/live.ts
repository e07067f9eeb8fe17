import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '../../src/simulator/random.ts';
import { Judge } from './judge.ts';
import { Player } from './player.ts';
import { RestartingServer } from './restarting-server.ts';
import { Stage } from './stage.ts';
import { emptyTally } from './tally.ts';
import type { Customs } from './player.ts';
import type { Sight } from './truth.ts';
import type { Tally } from './tally.ts';

/** A world where something untrue was said. */
export class LivesError extends Error {
  readonly seed: number;
  /** The last things that happened. */
  readonly diary: readonly string[];

  constructor(seed: number, diary: readonly string[], cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const command = `node test/lives/main.ts --seed=${seed} --lives=1`;
    super(`${reason}\n\nwhat happened:\n${diary.slice(-60).join('\n')}\n\nagain with: ${command}`, { cause });
    this.seed = seed;
    this.diary = diary;
  }
}

/** Worlds are small: what one leaves behind is no burden for the next, and a failure has a short story. */
const LIVES_OF_A_WORLD = 100;

/** How often somebody looks after each move. */
const AFTER_SOMETHING = 0.4;
const AFTER_NOTHING = 0.1;

/** The exporter looks again after that long where it could not see everything. */
const RETRY_TICKS = 6000;

/** In some worlds the regions' st_ctime has come of age before each collection, so that it can be relied on. */
const SLOW_WORLDS = 0.015;
const AGE_MS = 25;

/**
 * Plays worlds until there have been that many lives, the first one with this seed, each further one with the next.
 * Throws LivesError.
 */
export async function playLives(lives: number, seed: number, onWorld?: (tally: Tally) => void): Promise<Tally> {
  const tally = emptyTally();
  for (let next = seed; tally.lives < lives; next += 1) {
    await playWorld(next, tally);
    onWorld?.(tally);
  }
  return tally;
}

async function playWorld(seed: number, tally: Tally): Promise<void> {
  const random = seededRandom(seed);
  await using stage = await Stage.open({
    bootSeconds: 1_420_000_000 + Math.floor(random() * 3e8),
    belowHost: random() < 0.04,
    privateShm: random() < 0.3,
    hasServer: random() < 0.05,
  });
  const { world } = stage;
  await using server = stage.hasServer ? new RestartingServer(world) : undefined;
  try {
    await playSteps({ stage, random, tally, server });
  } catch (error) {
    throw new LivesError(seed, world.diary, error);
  } finally {
    tally.lives += world.born;
  }
}

interface Game {
  readonly stage: Stage;
  readonly random: () => number;
  readonly tally: Tally;
  readonly server: RestartingServer | undefined;
}

async function playSteps({ stage, random, tally, server }: Game): Promise<void> {
  const { world } = stage;
  const player = new Player(world, customs(random), random);
  const isSlow = random() < SLOW_WORLDS;
  let sawAllSince = 0;
  while (world.born < LIVES_OF_A_WORLD) {
    const before = world.diary.length;
    player.play();
    if (server !== undefined && random() < 0.1) await server.restart();
    if (random() >= (world.diary.length === before ? AFTER_NOTHING : AFTER_SOMETHING)) continue;
    if (world.blind) sawAllSince = world.clock.ticks + RETRY_TICKS;
    if (isSlow) await setTimeout(AGE_MS);
    const sight: Sight = world.blind ? 'blind' : world.clock.ticks > sawAllSince ? 'all' : 'retry';
    world.note(`collection (${sight})`);
    const snapshot = await stage.collect();
    if (snapshot === undefined) tally.late += 1;
    else new Judge(world, sight, tally).judge(snapshot);
  }
}

function customs(random: () => number): Customs {
  const [version = 4, shape = 'plain'] = WORLDS[Math.floor(random() * WORLDS.length)] ?? ([] as const);
  return { version, shape };
}

const WORLDS = [
  [4, 'plain'],
  [4, 'plain'],
  [4, 'plain'],
  [3, 'plain'],
  [3, 'plain'],
  [2, 'plain'],
  [1, 'plain'],
  [1, 'padded'],
  [1, 'kernel'],
] as const;
