/**
 * Where the fields of a region are: TT-Metal's struct DeviceMemoryRegion (memory_stats_shm.hpp), little-endian, as a
 * C++ compiler lays it out on x86-64.
 */

/** The header is the same in every layout. */
export const HEADER = {
  /** u32: 1 to 4; 0 until a writer has filled the region. */
  version: 0,
  /** u64, nanoseconds. */
  lastUpdate: 8,
  /** u64. */
  boardSerial: 24,
  /** u64. */
  asicId: 32,
  /** u32. */
  deviceId: 40,
  /** u64 for each counter: dram, l1, l1_small, trace, cb, and kernel where the layout has it. */
  totals: 48,
} as const;

/** Within an entry of chip_stats: chip_id u32, is_remote u32, then the counters. */
export const CHIP = { chipId: 0, isRemote: 4, counters: 8 } as const;

/** Within a process slot: pid i32 (and 4 bytes of padding, never written), then the counters. */
export const SLOT = { pid: 0, padding: 4, counters: 8 } as const;

export const CHIP_ENTRIES = 16;
export const PROCESS_SLOTS = 64;
export const NAME_BYTES = 64;

/** chip_id of an unused entry from version 2 on (0 in version 1). */
export const UNUSED_CHIP = 0xff_ff_ff_ff;

/** What follows the totals, which differs with the number of counters. */
export interface RegionLayout {
  /** Whether `kernel` is behind every `cb`. */
  readonly kernel: boolean;
  readonly chips: number;
  readonly chipStride: number;
  readonly slots: number;
  readonly slotStride: number;
  /** Within a slot: u64, nanoseconds. */
  readonly slotLastUpdate: number;
  /** Within a slot: char[64]. */
  readonly slotName: number;
}

/** Versions 2 to 4, and version 1 from when it had no kernel counter any more. */
export const PLAIN_LAYOUT: RegionLayout = {
  kernel: false,
  chips: 88,
  chipStride: 48,
  slots: 856,
  slotStride: 120,
  slotLastUpdate: 48,
  slotName: 56,
};

/** The first builds of version 1. */
export const KERNEL_LAYOUT: RegionLayout = {
  kernel: true,
  chips: 96,
  chipStride: 56,
  slots: 992,
  slotStride: 128,
  slotLastUpdate: 56,
  slotName: 64,
};

/** u32 behind the last slot of the plain layout; says something in version 4 only: a version 3 writer leaves it in place. */
export const INIT_STATE = 8536;
export const INIT_NONE = 0;
export const INIT_IN_PROGRESS = 1;
/** 'REDY'. */
export const INIT_READY = 0x52_45_44_59;

/** The struct is aligned to 64 bytes. Writers of version 3 and 4 cut any region to this before they look at its version. */
export const PLAIN_SIZE = 8576;

/** Builds of version 1 with 64 bytes of padding as their last member. */
export const PADDED_PLAIN_SIZE = 8640;
export const KERNEL_SIZE = 9216;
export const PADDED_KERNEL_SIZE = 9280;

/** No layout is larger. */
export const LARGEST_SIZE = PADDED_KERNEL_SIZE;
