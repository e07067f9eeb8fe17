const WINDOW_MS = 60_000;
/** Different lines of one message in a window: text that changes every time must not get around the limit. */
const LINES_PER_MESSAGE = 20;
/** Messages that are remembered; beyond it the oldest is forgotten. */
const MAX_MESSAGES = 1000;

interface Window {
  readonly startedAt: number;
  /** By what tells two lines of one message apart. */
  readonly lines: Set<string>;
  heldBack: number;
}

/** Lets equal lines pass once a minute and counts the ones that it holds back. */
export class RepeatLimit {
  readonly #windows = new Map<string, Window>();

  /** How many lines of this message were held back before this one, or undefined: hold this one back as well. */
  pass(message: string, line: string, now: number): number | undefined {
    const window = this.#windows.get(message);
    if (window === undefined || now - window.startedAt >= WINDOW_MS || now < window.startedAt) {
      this.#open(message, line, now);
      return window?.heldBack ?? 0;
    }
    if (window.lines.has(line) || window.lines.size >= LINES_PER_MESSAGE) {
      window.heldBack++;
      return undefined;
    }
    window.lines.add(line);
    return 0;
  }

  #open(message: string, line: string, now: number): void {
    this.#windows.delete(message);
    this.#windows.set(message, { startedAt: now, lines: new Set([line]), heldBack: 0 });
    const oldest = this.#windows.keys().next();
    if (this.#windows.size > MAX_MESSAGES && oldest.done !== true) this.#windows.delete(oldest.value);
  }
}
