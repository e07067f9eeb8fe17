import terminalKit from 'terminal-kit';
import type { Line, Tone } from '../terminal/spans.ts';

/** The terminal as a whole screen, until close(). */
export interface LiveTerminal {
  readonly width: number;
  readonly height: number;
  draw(lines: readonly Line[]): void;
  close(): void;
}

export interface LiveEvents {
  /** By terminal-kit's name: a character, or UP, PAGE_DOWN, CTRL_C. */
  readonly onKey: (name: string) => void;
  readonly onResize: () => void;
}

type Attributes = terminalKit.ScreenBuffer.Attributes;

const COLOURS: Readonly<Record<Tone, Attributes>> = {
  plain: { defaultColor: true },
  title: { defaultColor: true, bold: true },
  dim: { color: 'gray' },
  good: { color: 'green' },
  warning: { color: 'yellow' },
  bad: { color: 'red', bold: true },
  bar: { color: 'cyan' },
};
const PLAIN: Attributes = { defaultColor: true };

/**
 * Takes the terminal: the alternate screen, no cursor, keys one by one. Only cells that have changed are written. The
 * terminal is given back by close(), and at the end of the process in any case.
 */
export function openLiveTerminal(events: LiveEvents, colour: boolean): LiveTerminal {
  const { terminal, ScreenBuffer } = terminalKit;
  let screen = new ScreenBuffer({ dst: terminal, width: terminal.width, height: terminal.height });
  let fresh = true;
  let open = true;
  const onKey = (name: string): void => {
    events.onKey(name);
  };
  const onResize = (width: number, height: number): void => {
    screen = new ScreenBuffer({ dst: terminal, width, height });
    fresh = true;
    terminal.clear();
    events.onResize();
  };
  const close = (): void => {
    if (!open) return;
    open = false;
    terminal.off('key', onKey);
    terminal.off('resize', onResize);
    terminal.grabInput(false);
    terminal.styleReset();
    terminal.hideCursor(false);
    terminal.fullscreen(false);
    process.off('exit', close);
  };
  process.on('exit', close);
  terminal.fullscreen(true);
  terminal.hideCursor();
  terminal.grabInput(true);
  terminal.on('key', onKey);
  terminal.on('resize', onResize);
  return {
    get width() {
      return terminal.width;
    },
    get height() {
      return terminal.height;
    },
    draw: (lines) => {
      if (!open) return;
      screen.fill({ char: ' ', attr: PLAIN });
      lines.forEach((line, y) => {
        let x = 0;
        for (const { text, tone } of line) {
          const attr = colour ? COLOURS[tone] : PLAIN;
          screen.put({ x, y, attr, wrap: false, dx: 1, dy: 0 }, '%s', text);
          x += text.length;
        }
      });
      screen.draw({ delta: !fresh });
      fresh = false;
    },
    close,
  };
}
