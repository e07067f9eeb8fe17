/**
 * The messages of the allocation server's protocol: fixed-size little-endian structs over a Unix stream socket.
 * Source: TT-Metal's allocation server proof of concept (allocation_client.cpp, allocation_server_poc.cpp), struct
 * AllocMessage. Types from 64 on are this project's extension.
 */
export const MESSAGE = {
  ALLOC: 1,
  FREE: 2,
  QUERY: 3,
  RESPONSE: 4,
  /** The server prints what is allocated to its own output; no answer on the socket. So does DUMP_KERNELS. */
  DUMP_REMAINING: 5,
  DEVICE_INFO_QUERY: 6,
  DEVICE_INFO_RESPONSE: 7,
  CB_ALLOC: 8,
  CB_FREE: 9,
  KERNEL_LOAD: 10,
  KERNEL_UNLOAD: 11,
  DUMP_KERNELS: 12,
  /** Only to a server that has announced the extension: a stock server logs it and sends nothing. */
  SNAPSHOT_QUERY: 64,
  /** A header frame, then `size` bytes of UTF-8 JSON. */
  SNAPSHOT_RESPONSE: 65,
  /** Like CB_ALLOC, with the cores that it is on: L1 runs out a core at a time. */
  CB_ALLOC_CORES: 66,
  ALLOCATOR_STATS: 67,
  ALLOC_FAILED: 68,
} as const;

export type MessageName = keyof typeof MESSAGE;

const NAMES = new Map<number, MessageName>(
  (Object.entries(MESSAGE) as [MessageName, number][]).map(([name, value]) => [value, name]),
);

/** The name of a message type; undefined for a number that is none. */
export function messageName(type: number): MessageName | undefined {
  return NAMES.get(type);
}

/** TT-Metal's BufferType, as in `buffer_type`. TRACE lies in DRAM; L1_SMALL is carved out of L1. */
export const BUFFER_TYPE = {
  DRAM: 0,
  L1: 1,
  /** Host memory that is pinned for the device. The stock server counts it as L1_SMALL. */
  SYSTEM_MEMORY: 2,
  L1_SMALL: 3,
  TRACE: 4,
} as const;

/** What `buffer_type` says in KERNEL_LOAD. */
export const KERNEL_KIND = { APPLICATION: 0, FABRIC: 1, DISPATCH: 2 } as const;

/** Chip architectures; their position is `arch_type`, where 0 is invalid. */
export const ARCHITECTURES = [undefined, 'grayskull', 'wormhole', 'blackhole', 'quasar'] as const;

export type Architecture = NonNullable<(typeof ARCHITECTURES)[number]>;

/** The device id in DEVICE_INFO_QUERY that asks for the number of devices. */
export const ALL_DEVICES = -1;

/** How many devices a stock server knows: ids 0 to 7 (MAX_DEVICES in allocation_server_poc.cpp). */
export const STOCK_DEVICES = 8;
