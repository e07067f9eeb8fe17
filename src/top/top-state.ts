import type { SortKey } from './top-rows.ts';

/** What the keys change. */
export interface TopState {
  readonly sort: SortKey;
  readonly reverse: boolean;
  /** Lines above the first that is shown. */
  readonly processOffset: number;
  readonly chipOffset: number;
  /** Nothing new is read. */
  readonly paused: boolean;
  readonly ending: boolean;
}

export const FIRST_STATE: TopState = {
  sort: 'dram',
  reverse: false,
  processOffset: 0,
  chipOffset: 0,
  paused: false,
  ending: false,
};

/** How far the lists can be scrolled, and by how much a page is. */
export interface TopExtent {
  readonly processes: number;
  readonly chips: number;
  readonly page: number;
}

const SORT_BY_KEY: ReadonlyMap<string, SortKey> = new Map([
  ['d', 'dram'],
  ['l', 'l1'],
  ['g', 'growth'],
  ['a', 'age'],
  ['p', 'pid'],
  ['n', 'name'],
]);

const SCROLLS: ReadonlyMap<string, (at: number, page: number) => number> = new Map([
  ['UP', (at: number) => at - 1],
  ['DOWN', (at: number) => at + 1],
  ['k', (at: number) => at - 1],
  ['j', (at: number) => at + 1],
  ['PAGE_UP', (at: number, page: number) => at - page],
  ['PAGE_DOWN', (at: number, page: number) => at + page],
  ['HOME', () => 0],
  ['END', () => Infinity],
]);

/** The keys, as they are shown: on 80 columns too. */
export const KEY_HELP = 'q quit  d dram l L1 g growth a age p pid n name r reverse  space pause  arrows';

/** The state after a key, by its name in terminal-kit; a key that means nothing changes nothing. */
export function afterKey(state: TopState, key: string, extent: TopExtent): TopState {
  const sort = SORT_BY_KEY.get(key);
  if (sort !== undefined) return { ...state, sort, reverse: state.sort === sort && !state.reverse, processOffset: 0 };
  const scroll = SCROLLS.get(key);
  if (scroll !== undefined) {
    return { ...state, processOffset: within(scroll(state.processOffset, extent.page), extent.processes) };
  }
  if (key === 'LEFT') return { ...state, chipOffset: within(state.chipOffset - 1, extent.chips) };
  if (key === 'RIGHT') return { ...state, chipOffset: within(state.chipOffset + 1, extent.chips) };
  if (key === 'r') return { ...state, reverse: !state.reverse };
  if (key === ' ') return { ...state, paused: !state.paused };
  if (key === 'q' || key === 'ESCAPE' || key === 'CTRL_C') return { ...state, ending: true };
  return state;
}

/** The lists are shorter than they were, or the screen is higher. */
export function fitState(state: TopState, extent: TopExtent): TopState {
  return {
    ...state,
    processOffset: within(state.processOffset, extent.processes),
    chipOffset: within(state.chipOffset, extent.chips),
  };
}

function within(offset: number, most: number): number {
  return Math.max(0, Math.min(offset, most));
}
