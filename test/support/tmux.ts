import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';

const run = promisify(execFile);

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** A terminal that nobody looks at but the test. */
export interface TestTerminal {
  /** The screen's lines, without blanks at their ends. */
  screen(): Promise<string[]>;
  /** The screen with its escape sequences. */
  colours(): Promise<string>;
  /** Resolves with the screen's lines as soon as their text matches. */
  shows(pattern: RegExp): Promise<string[]>;
  /** Keys by tmux's names: `q`, `Down`, `C-c`, or text to be typed. */
  press(...keys: string[]): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  close(): Promise<void>;
}

/** Starts a shell with the prompt `$ ` in a tmux server of its own. */
export async function openTerminal(
  size: TerminalSize,
  env: Readonly<Record<string, string>> = {},
): Promise<TestTerminal> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-'));
  const tmux = async (...args: string[]): Promise<string> => {
    const options = { env: { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', ...env } };
    return (await run('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args], options)).stdout;
  };
  await tmux('new-session', '-d', '-x', `${size.width}`, '-y', `${size.height}`, 'env PS1="$ " sh');
  const screen = async (): Promise<string[]> => (await tmux('capture-pane', '-p')).trimEnd().split('\n');
  return {
    screen,
    colours: () => tmux('capture-pane', '-e', '-p'),
    shows: async (pattern) => {
      const last = { lines: [] as string[] };
      try {
        return await eventually(
          String(pattern),
          async () => {
            last.lines = await screen();
            return pattern.test(last.lines.join('\n')) ? last.lines : undefined;
          },
          30,
        );
      } catch (cause) {
        throw new Error(`the screen never showed ${String(pattern)}, but:\n${last.lines.join('\n')}`, { cause });
      }
    },
    press: async (...keys) => {
      await tmux('send-keys', ...keys);
    },
    resize: async ({ width, height }) => {
      await tmux('resize-window', '-x', `${width}`, '-y', `${height}`);
    },
    close: async () => {
      await tmux('kill-server').catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
