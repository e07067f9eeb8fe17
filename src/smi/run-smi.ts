import { hostname } from 'node:os';
import { clearScreenDown, cursorTo } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '../flags/table.ts';
import { openHost, readHost } from '../host-view/open-host.ts';
import type { HostSource, HostView } from '../host-view/types.ts';
import { EXIT } from '../terminal/exit-status.ts';
import { outputFacts } from '../terminal/output-facts.ts';
import { paint } from '../terminal/paint.ts';
import { span } from '../terminal/spans.ts';
import { VERSION } from '../version.ts';
import { smiDocument } from './document.ts';
import { smiScreen } from './screen.ts';

/** Runs `smi` and gives its exit code. `open` is told of the host that is read, so that it is closed in any case. */
export async function runSmi(
  settings: Settings,
  open: (source: HostSource) => void,
  signal: AbortSignal,
): Promise<number> {
  const source = await openHost(settings);
  open(source);
  const { watchSeconds, devices } = settings;
  for (;;) {
    const view = await readHost(source, devices);
    show(view, settings);
    if (watchSeconds === undefined) return view.chips.length === 0 ? EXIT.noChip : EXIT.ok;
    await pause(watchSeconds * 1000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return EXIT.ok;
  }
}

function show(view: HostView, settings: Settings): void {
  // A line a reading under --watch, so that other programs can follow it.
  if (settings.json) {
    const spaces = settings.watchSeconds === undefined ? 2 : undefined;
    process.stdout.write(`${JSON.stringify(smiDocument(view), undefined, spaces)}\n`);
    return;
  }
  const facts = outputFacts(process.stdout, process.env, settings);
  const host = settings.from?.host ?? hostname();
  const lines = smiScreen(view, { version: VERSION, host }, facts);
  const watched = settings.watchSeconds !== undefined;
  if (watched && process.stdout.isTTY) {
    const most = Math.max(1, process.stdout.rows - 1);
    const more = lines.length - most;
    const kept =
      more > 0 ? [...lines.slice(0, most - 1), [span(`${more + 1} more lines: top shows them all`, 'dim')]] : lines;
    cursorTo(process.stdout, 0, 0);
    clearScreenDown(process.stdout);
    process.stdout.write(paint(kept, facts.colour));
  } else process.stdout.write(paint(lines, facts.colour) + (watched ? '\n' : ''));
}
