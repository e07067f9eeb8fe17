import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '../flags/table.ts';
import { openHost, readHost } from '../host-view/open-host.ts';
import type { HostSource } from '../host-view/types.ts';
import { errorText } from '../log/log.ts';
import { CommandError, EXIT } from '../terminal/exit-status.ts';
import { outputFacts } from '../terminal/output-facts.ts';
import { VERSION } from '../version.ts';
import { GrowthBook } from './growth-book.ts';
import { HistoryBook } from './history-book.ts';
import { openLiveTerminal } from './live-terminal.ts';
import type { LiveTerminal } from './live-terminal.ts';
import { topScreen } from './top-screen.ts';
import type { TopScene } from './top-screen.ts';
import { afterKey, FIRST_STATE } from './top-state.ts';
import type { TopExtent } from './top-state.ts';

/** A host is not looked at more often. */
const LEAST_SECONDS = 1;

/** Runs `top` and gives its exit code. */
export async function runTop(
  settings: Settings,
  open: (source: HostSource) => void,
  signal: AbortSignal,
): Promise<number> {
  if (!process.stdout.isTTY || !process.stdin.isTTY) {
    throw new CommandError(1, 'needs a terminal: take smi, or smi --watch');
  }
  const source = await openHost(settings);
  open(source);
  const scene = {
    view: await readHost(source, settings.devices),
    head: { version: VERSION, host: settings.from?.host ?? hostname() },
    growth: new GrowthBook(),
    history: new HistoryBook(),
    problem: undefined,
  };
  scene.growth.add(scene.view);
  scene.history.add(scene.view);
  const display = new TopDisplay(scene, settings);
  try {
    await display.follow(source, AbortSignal.any([signal, display.ended]));
  } finally {
    display.close();
  }
  return EXIT.ok;
}

/** What is on the screen now, redrawn when something has come or a key was pressed. */
class TopDisplay {
  readonly #settings: Settings;
  readonly #terminal: LiveTerminal;
  readonly #ending = new AbortController();
  #scene: TopScene;
  #state = FIRST_STATE;
  #extent: TopExtent = { processes: 0, chips: 0, page: 1 };
  #redraw: NodeJS.Immediate | undefined;

  constructor(scene: TopScene, settings: Settings) {
    this.#scene = scene;
    this.#settings = settings;
    const { colour } = outputFacts(process.stdout, process.env, settings);
    const onKey = (name: string): void => {
      this.#state = afterKey(this.#state, name, this.#extent);
      if (this.#state.ending) this.#ending.abort();
      this.#drawSoon();
    };
    const onResize = (): void => {
      this.#drawSoon();
    };
    this.#terminal = openLiveTerminal({ onKey, onResize }, colour);
    this.#draw();
  }

  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  /** Looks again and again, until the signal. */
  async follow(source: HostSource, signal: AbortSignal): Promise<void> {
    const milliseconds = Math.max(LEAST_SECONDS, this.#settings.watchSeconds ?? LEAST_SECONDS) * 1000;
    while (await passed(milliseconds, signal)) {
      if (this.#state.paused) continue;
      await this.#look(source);
      if (!signal.aborted) this.#draw();
    }
  }

  close(): void {
    clearImmediate(this.#redraw);
    this.#terminal.close();
  }

  async #look(source: HostSource): Promise<void> {
    try {
      const view = await readHost(source, this.#settings.devices);
      this.#scene.growth.add(view);
      this.#scene.history.add(view);
      this.#scene = { ...this.#scene, view, problem: undefined };
    } catch (error) {
      this.#scene = { ...this.#scene, problem: errorText(error) };
    }
  }

  /** Keys that come at once, as pasted ones do, are drawn at once. */
  #drawSoon(): void {
    this.#redraw ??= setImmediate(() => {
      this.#redraw = undefined;
      this.#draw();
    });
  }

  #draw(): void {
    const { width, height } = this.#terminal;
    const { glyphs } = outputFacts(process.stdout, process.env, this.#settings);
    const { lines, extent } = topScreen(this.#scene, this.#state, { width, height, glyphs });
    this.#extent = extent;
    this.#terminal.draw(lines);
  }
}

/** Whether the time has passed; false where the signal came before. */
async function passed(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return pause(milliseconds, true, { signal }).catch(() => false);
}
