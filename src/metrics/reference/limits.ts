/** What people look for in the numbers and will not find: [what, why]. */
export const LIMITS: readonly (readonly [what: string, why: string])[] = [
  [
    'Padding and real occupancy',
    'Trackers count requested bytes (`Buffer::size()`) over all banks of a chip, not rounded to pages. What is really occupied is at least that.',
  ],
  [
    'Fragmentation and single banks',
    "Allocations go in lock-step over all banks, and fail when one bank has no block that is large enough. A ratio of totals cannot predict that; `tt_largest_free_block_bytes` and `tt_l1_cb_max_core_bytes` can help, where an application reports them to this project's own allocation server.",
  ],
  [
    'Firmware and the kernel-config ring',
    'They live in L1 that the allocator never hands out. Trackers count kernel code in dialect C and in one layout of version 1 only; elsewhere `tt_l1_estimated_bytes` estimates it.',
  ],
  [
    'Driver allocations',
    'The kernel driver knows nothing of device memory: allocators live in the applications. What the driver pins or maps for itself (DMA buffers, TLB windows) is in no number.',
  ],
  [
    'Direct writes',
    'A program that writes to device memory without allocating it through TT-Metal (UMD, luwen, debuggers, raw NOC writes) is in no number.',
  ],
  [
    'Programs with tracking off',
    "Production stacks turn TT-Metal's tracking off (`TT_METAL_SHM_TRACKING_DISABLED=1`) because it costs time. Then the numbers are absent, not 0: `tt_process_open_devices` shows who holds the chip all the same.",
  ],
  [
    'Allocations that a tracker missed',
    'Layouts 1 to 3 miss what other threads allocate and free, and have 64 slots for processes; their totals drift. A server that started after its processes did has books in part: `tt_memory_tracker_state` says `partial`.',
  ],
  [
    'Circular buffers as they are',
    'Layouts 1 to 3 publish a high-water mark over the program cache, refreshed at most every 100 ms; layout 4 what was dispatched last. Globally allocated circular buffers are in `l1`, not in `cb`.',
  ],
  [
    'Host memory',
    "SYSTEM_MEMORY buffers are in no number of device memory. This project's own allocation server counts them apart, as `tt_host_allocated_bytes`.",
  ],
  ['Utilisation', 'Nothing on the host says how busy the cores are. Power, current and the AI clock are hints.'],
  [
    'Board power, memory temperatures and ECC, Ethernet links, harvesting',
    'The firmware publishes them, but the driver does not forward them, and opening the device to read them disturbs it.',
  ],
];
