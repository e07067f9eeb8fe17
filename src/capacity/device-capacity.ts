import type { DeviceCapacity } from '../snapshot/snapshot.ts';
import type { ServerCapacity } from '../sources/allocation-server/types.ts';
import { architectureCapacity, boardCapacity } from './board-table.ts';
import type { ChipCapacity } from './board-table.ts';
import type { CapacityConfig, CapacityOverride } from './config.ts';
import { reservedL1 } from './reserved-l1.ts';

/** What is known of a chip when its capacity is asked for. */
export interface ChipFacts {
  readonly board: string | undefined;
  readonly arch: string | undefined;
  readonly firmwareBundle: string | undefined;
  /** 16 upper-case hex digits. */
  readonly serial: string | undefined;
}

/**
 * A chip's capacity: from the configuration, else from the server where its figure is plausible, else from the table.
 * A server's figure above the table's for that board and firmware is not used, nor one above what any die of the
 * architecture has: servers have counted harvested cores (120 instead of 64 on an n300).
 */
export function deviceCapacity(
  facts: ChipFacts,
  server: ServerCapacity | undefined,
  config: CapacityConfig | undefined,
): DeviceCapacity {
  const table = boardCapacity(facts.board, facts.firmwareBundle);
  const override = findOverride(facts, config);
  const perCore = override?.l1BytesPerCore ?? table?.l1BytesPerCore ?? architectureCapacity(facts.arch)?.l1BytesPerCore;
  if (override !== undefined) {
    const cores = override.cores ?? table?.cores;
    const dramBytes = override.dramBytes ?? table?.dramBytes;
    return describe(facts, 'config', dramBytes, cores === undefined ? undefined : times(cores, perCore), cores);
  }
  const plausible = plausibleFigures(server, table ?? architectureCapacity(facts.arch ?? server?.arch));
  const l1Bytes = plausible.l1Bytes ?? times(table?.cores, table?.l1BytesPerCore);
  const dramBytes = plausible.dramBytes ?? table?.dramBytes;
  const fromServer = plausible.l1Bytes !== undefined || (table === undefined && plausible.dramBytes !== undefined);
  const source = fromServer ? 'allocation_server' : table === undefined ? undefined : 'board_table';
  const arch = facts.arch ?? server?.arch;
  return describe({ ...facts, arch }, source, dramBytes, l1Bytes, coresOf(l1Bytes, perCore ?? server?.l1BytesPerCore));
}

function findOverride(facts: ChipFacts, config: CapacityConfig | undefined): CapacityOverride | undefined {
  if (config === undefined) return undefined;
  const bySerial = facts.serial === undefined ? undefined : config.serials.get(facts.serial);
  return bySerial ?? (facts.board === undefined ? undefined : config.boards.get(facts.board));
}

function plausibleFigures(
  server: ServerCapacity | undefined,
  bound: ChipCapacity | undefined,
): { l1Bytes: number | undefined; dramBytes: number | undefined } {
  const atMost = (bytes: number | undefined, most: number | undefined) =>
    bytes !== undefined && most !== undefined && bytes <= most ? bytes : undefined;
  return {
    l1Bytes: atMost(server?.l1Bytes, times(bound?.cores, bound?.l1BytesPerCore)),
    dramBytes: atMost(server?.dramBytes, bound?.dramBytes),
  };
}

function describe(
  facts: ChipFacts,
  source: DeviceCapacity['source'],
  dramBytes: number | undefined,
  l1Bytes: number | undefined,
  cores: number | undefined,
): DeviceCapacity {
  const reserved = reservedL1(facts.arch);
  const l1AllocatableBytes =
    l1Bytes === undefined || cores === undefined || reserved === undefined
      ? undefined
      : Math.max(0, l1Bytes - cores * reserved.unreservedBase);
  const known = l1Bytes !== undefined || dramBytes !== undefined;
  return { dramBytes, l1Bytes, l1AllocatableBytes, source: known ? source : undefined, cores };
}

function times(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a * b;
}

function coresOf(l1Bytes: number | undefined, perCore: number | undefined): number | undefined {
  if (l1Bytes === undefined || perCore === undefined || l1Bytes % perCore !== 0) return undefined;
  return l1Bytes / perCore;
}
