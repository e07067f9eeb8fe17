/*
 * Reports an application's device memory on Tenstorrent chips to an allocation server.
 *
 *     tt_alloc_client *client = tt_alloc_open(NULL);
 *     tt_alloc_allocated(client, 0, 0x20000, 1 << 20, TT_ALLOC_DRAM);
 *     tt_alloc_freed(client, 0, 0x20000);
 *     tt_alloc_close(client, 250);
 *
 * C11 (and C++), Linux, pthreads. Without TT_ALLOC_TRACKING_ENABLED=1 tt_alloc_open() gives NULL, and every function
 * takes NULL and returns at once.
 *
 * No call waits for the server, fails for want of one, or raises a signal: a thread of the client sends, with
 * MSG_NOSIGNAL and O_NONBLOCK. Reports wait one by one as long as there are few (max_queued); from then on, and while
 * there is no server, only the difference is kept between what the server knows and what is live, so that a server that
 * stood still, or comes back and knows nothing, is made right. A live buffer takes about 150 bytes for that.
 *
 * All functions may be called from any thread. After fork() the child reports for itself, over a connection of its own,
 * and begins with nothing live.
 */
#ifndef TT_ALLOC_CLIENT_H
#define TT_ALLOC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TT_ALLOC_DEFAULT_SOCKET "/tmp/tt_allocation_server.sock"

typedef struct tt_alloc_client tt_alloc_client;

/* As in TT-Metal. SYSTEM_MEMORY is host memory that is pinned for the device. */
typedef enum {
  TT_ALLOC_DRAM = 0,
  TT_ALLOC_L1 = 1,
  TT_ALLOC_SYSTEM_MEMORY = 2,
  TT_ALLOC_L1_SMALL = 3,
  TT_ALLOC_TRACE = 4
} tt_alloc_type;

typedef enum { TT_ALLOC_APPLICATION = 0, TT_ALLOC_FABRIC = 1, TT_ALLOC_DISPATCH = 2 } tt_alloc_kernel_kind;

/* What is 0 or NULL is the default. */
typedef struct {
  /* TT_ALLOC_DEFAULT_SOCKET; at most 107 bytes. */
  const char *socket_path;
  /* What the server was built with: 72, 112 or 144, which is the default. The first two have ALLOC and FREE only. */
  size_t frame_bytes;
  /*
   * Whether the server is tt-allocation-server, so that cores, statistics and failures may be sent. A stock server
   * would miss a circular buffer that comes with its cores, and still subtract it.
   */
  bool extension;
  /* Reports that wait one by one: 4096. */
  size_t max_queued;
  /* On even without TT_ALLOC_TRACKING_ENABLED=1. */
  bool always;
} tt_alloc_options;

/* The cores of a circular buffer in logical coordinates, both corners included, and its bytes on each of them. */
typedef struct {
  uint16_t first_x, first_y, last_x, last_y;
  uint64_t bytes_per_core;
} tt_alloc_cores;

typedef struct {
  bool connected;
  /* One more for each restart of the server. */
  uint64_t connections;
  /* Reports handed to the kernel, repeated ones too. */
  uint64_t sent;
  /* Reports that no server is ever told of, less those that were on their way when a connection was lost. */
  uint64_t dropped;
  /* Frees of what was not reported as allocated: never sent. */
  uint64_t unknown_frees;
  /* What is reported again to a server that comes back. */
  uint64_t live;
} tt_alloc_counts;

/*
 * Connects in the background, and again whenever the connection is lost. NULL where tracking is off, where the options
 * are no good (errno EINVAL), or where there is no memory, descriptor or thread left (errno says which).
 */
tt_alloc_client *tt_alloc_open(const tt_alloc_options *options);

/* Hands over what can be within that time, then closes the connection and frees the client. */
void tt_alloc_close(tt_alloc_client *client, int milliseconds);

/* `device`: TT-Metal's logical chip id; `id`: a buffer's device address, a kernel's or program's id; sizes are bytes. */
void tt_alloc_allocated(tt_alloc_client *client, int32_t device, uint64_t id, uint64_t size, tt_alloc_type type);
void tt_alloc_freed(tt_alloc_client *client, int32_t device, uint64_t id);

/* A circular buffer; `size`: on all cores together; `cores`: NULL where they are not known. */
void tt_alloc_cb_allocated(tt_alloc_client *client, int32_t device, uint64_t id, uint64_t size,
                           const tt_alloc_cores *cores);
void tt_alloc_cb_freed(tt_alloc_client *client, int32_t device, uint64_t id);

void tt_alloc_kernel_loaded(tt_alloc_client *client, int32_t device, uint64_t id, uint64_t size,
                            tt_alloc_kernel_kind kind);
void tt_alloc_kernel_unloaded(tt_alloc_client *client, int32_t device, uint64_t id);

/* An allocator's own statistics of one type. */
void tt_alloc_statistics(tt_alloc_client *client, int32_t device, tt_alloc_type type, uint64_t allocatable,
                         uint64_t allocated, uint64_t free_bytes, uint64_t largest_free_block);

/* An allocation that failed for want of memory. */
void tt_alloc_failed(tt_alloc_client *client, int32_t device, tt_alloc_type type, uint64_t size,
                     uint64_t largest_free_block);

/* All zero for NULL. */
tt_alloc_counts tt_alloc_get_counts(tt_alloc_client *client);

#ifdef __cplusplus
}
#endif

#endif
