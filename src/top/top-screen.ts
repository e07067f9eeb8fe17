import type { HostView } from '../host-view/types.ts';
import { headLine } from '../smi/screen.ts';
import type { SmiHead } from '../smi/screen.ts';
import { notes } from '../smi/notes.ts';
import type { Glyphs } from '../terminal/glyphs.ts';
import { cutLine, span } from '../terminal/spans.ts';
import type { Line } from '../terminal/spans.ts';
import { drawTable } from '../terminal/table.ts';
import type { GrowthBook } from './growth-book.ts';
import type { HistoryBook } from './history-book.ts';
import { topChipColumns, topProcessColumns } from './top-columns.ts';
import { sortRows, topRows } from './top-rows.ts';
import { fitState, KEY_HELP } from './top-state.ts';
import type { TopExtent, TopState } from './top-state.ts';

export interface TopScene {
  readonly view: HostView;
  readonly head: SmiHead;
  readonly growth: GrowthBook;
  readonly history: HistoryBook;
  /** Why the last look gave nothing; the view is the one before. */
  readonly problem: string | undefined;
}

export interface TopSize {
  readonly width: number;
  readonly height: number;
  readonly glyphs: Glyphs;
}

/** Head, rule, titles of both tables, rule, keys. */
const FIXED_LINES = 6;
const LEAST_PROCESS_LINES = 3;

export interface TopDrawing {
  /** Exactly as many as the screen is high, or fewer. */
  readonly lines: readonly Line[];
  readonly extent: TopExtent;
}

/** The whole screen, and how far its lists can be scrolled. */
export function topScreen(scene: TopScene, wanted: TopState, size: TopSize): TopDrawing {
  const { view } = scene;
  const more = scene.problem === undefined ? notes(view).slice(0, -1).slice(0, 3) : [[span(scene.problem, 'bad')]];
  const room = Math.max(2, size.height - FIXED_LINES - more.length);
  const chipLines = Math.max(
    1,
    Math.min(view.chips.length, Math.max(room - LEAST_PROCESS_LINES, 1), Math.ceil(room / 2)),
  );
  const processLines = Math.max(1, room - chipLines);
  const extent = {
    processes: Math.max(0, view.processes.length - processLines),
    chips: Math.max(0, view.chips.length - chipLines),
    page: processLines,
  };
  const state = fitState(wanted, extent);
  const rule: Line = [span(size.glyphs.rule.repeat(size.width), 'dim')];
  const lines = [
    headLine(view, scene.head, size.width),
    rule,
    ...chipTable(scene, state, chipLines, size),
    rule,
    ...processTable(scene, state, processLines, size),
    ...more,
  ];
  const filled = [...lines, ...Array<Line>(Math.max(0, size.height - 1 - lines.length)).fill([])];
  const shown = filled.slice(0, Math.max(0, size.height - 1));
  return { lines: [...shown, footer(state)].map((line) => cutLine(line, size.width)), extent };
}

function chipTable({ view, history }: TopScene, { chipOffset }: TopState, lines: number, size: TopSize): Line[] {
  if (view.chips.length === 0) return [[span('No Tenstorrent chip is found.', 'warning')]];
  const columns = topChipColumns(size.glyphs, history);
  const shown = view.chips.slice(chipOffset, chipOffset + lines);
  return drawTable(columns, shown, { width: size.width, ellipsis: size.glyphs.ellipsis });
}

function processTable({ view, growth }: TopScene, state: TopState, lines: number, size: TopSize): Line[] {
  const columns = topProcessColumns(state.sort, state.reverse, size.glyphs);
  const rows = sortRows(topRows(view, growth), state.sort, state.reverse);
  const shown = rows.slice(state.processOffset, state.processOffset + lines);
  if (shown.length === 0) return [[span('No process holds a chip or its memory.', 'dim')]];
  return drawTable(columns, shown, { width: size.width, ellipsis: size.glyphs.ellipsis });
}

function footer({ paused }: TopState): Line {
  return [...(paused ? [span('PAUSED ', 'warning')] : []), span(KEY_HELP, 'dim')];
}
