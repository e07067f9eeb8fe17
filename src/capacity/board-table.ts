import { compareVersions } from './compare-versions.ts';

/** What a chip has after harvesting. */
export interface ChipCapacity {
  readonly cores: number;
  readonly l1BytesPerCore: number;
  readonly dramBytes: number;
}

const GIB = 1024 ** 3;

/** L1 of one Tensix core: 1464 KiB on Wormhole, 1536 KiB on Blackhole. Source: tt-umd, wormhole_ and blackhole_implementation.hpp. */
const WORMHOLE_L1 = 1499136;
const BLACKHOLE_L1 = 1572864;

/** 6 controllers of 2 GiB on Wormhole, 8 of 4 GiB on Blackhole. */
const WORMHOLE_DRAM = 12 * GIB;
const BLACKHOLE_DRAM = 32 * GIB;

const wormhole = (cores: number): ChipCapacity => ({ cores, l1BytesPerCore: WORMHOLE_L1, dramBytes: WORMHOLE_DRAM });
const blackhole = (cores: number, dramBytes = BLACKHOLE_DRAM): ChipCapacity => ({
  cores,
  l1BytesPerCore: BLACKHOLE_L1,
  dramBytes,
});

/**
 * Usable Tensix cores by board. Source: tt-umd, cluster_descriptor_types.hpp; tt-system-firmware, boards/*. p100 has one
 * DRAM controller harvested.
 */
const FIXED: ReadonlyMap<string, ChipCapacity> = new Map([
  ['n150', wormhole(72)],
  ['n300', wormhole(64)],
  ['galaxy-wormhole', wormhole(80)],
  ['p100', blackhole(120, 28 * GIB)],
  ['p100a', blackhole(120, 28 * GIB)],
  ['p300a', blackhole(120)],
  ['p300b', blackhole(120)],
  ['p300c', blackhole(120)],
  ['galaxy-blackhole', blackhole(130)],
]);

/** Boards whose firmware took two columns of cores away. Source: tt-system-firmware, release notes 19.5. */
const P150 = new Set(['p150a', 'p150b', 'p150c']);
const P150_HARVESTED_FROM = '19.5.0.0';

/** All cores of the die: no chip of the architecture has more, whatever anybody says. */
const UNHARVESTED: ReadonlyMap<string, ChipCapacity> = new Map([
  ['wormhole', wormhole(80)],
  ['blackhole', blackhole(140)],
]);

/**
 * The capacity of one chip of a board. Undefined for a board that is not in the table, and for a p150 whose firmware
 * bundle is not known: its number of cores depends on it.
 */
export function boardCapacity(board: string | undefined, firmwareBundle: string | undefined): ChipCapacity | undefined {
  if (board === undefined) return undefined;
  if (!P150.has(board)) return FIXED.get(board);
  if (firmwareBundle === undefined) return undefined;
  return blackhole(compareVersions(firmwareBundle, P150_HARVESTED_FROM) >= 0 ? 120 : 140);
}

/** An upper bound for any chip of the architecture; undefined for one that is not known. */
export function architectureCapacity(arch: string | undefined): ChipCapacity | undefined {
  return arch === undefined ? undefined : UNHARVESTED.get(arch);
}
