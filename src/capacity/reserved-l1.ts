/** L1 that TT-Metal keeps from its allocator on every Tensix core. */
export interface ReservedL1 {
  /** Mailboxes, firmware of the five RISC-V processors, fabric tables: MEM_MAP_END. */
  readonly firmwareBytes: number;
  /** The kernel-config ring buffer: kernel binaries, runtime arguments, semaphores. */
  readonly kernelRingBytes: number;
  /** Up to where the allocator hands nothing out: both, aligned. */
  readonly unreservedBase: number;
}

/** Default of `worker_l1_size`'s kernel-config ring. Source: TT-Metal, llrt/hal/tt-1xx, default_l1_kernel_config_size. */
const KERNEL_CONFIG_RING = 69 * 1024;

/**
 * MEM_MAP_END and the allocator's alignment by architecture. Source: TT-Metal, hw/inc/internal/tt-1xx, dev_mem_map.h.
 * They have moved by a few hundred bytes between releases, so what is made of them is an estimate.
 */
const MAP: ReadonlyMap<string, { readonly mapEnd: number; readonly alignment: number }> = new Map([
  ['wormhole', { mapEnd: 33056, alignment: 32 }],
  ['blackhole', { mapEnd: 40416, alignment: 64 }],
]);

/** What is reserved on each core; undefined for an architecture that is not known. */
export function reservedL1(arch: string | undefined): ReservedL1 | undefined {
  const map = arch === undefined ? undefined : MAP.get(arch);
  if (map === undefined) return undefined;
  const end = map.mapEnd + KERNEL_CONFIG_RING;
  return {
    firmwareBytes: map.mapEnd,
    kernelRingBytes: KERNEL_CONFIG_RING,
    unreservedBase: Math.ceil(end / map.alignment) * map.alignment,
  };
}
