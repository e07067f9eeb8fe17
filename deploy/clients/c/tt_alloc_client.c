/* See tt_alloc_client.h. Build: cc -std=c11 -O2 -pthread -c tt_alloc_client.c */
#define _GNU_SOURCE
#include "tt_alloc_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
  ALLOC = 1,
  FREE = 2,
  CB_ALLOC = 8,
  CB_FREE = 9,
  KERNEL_LOAD = 10,
  KERNEL_UNLOAD = 11,
  CB_ALLOC_CORES = 66,
  ALLOCATOR_STATS = 67,
  ALLOC_FAILED = 68,

  HEADER_BYTES = 40,
  /* The longest message without the zeros at its end. */
  MESSAGE_BYTES = 72,
  /* The longest message that something live has: a circular buffer with its cores. */
  LIVE_BYTES = 56,
  /* What one write takes at most: the kernel takes that much whole or not at all, so that no frame is cut. */
  BATCH_BYTES = 4096,
  FIRST_PAUSE_MS = 100,
  LONGEST_PAUSE_MS = 5000,
  FIRST_BUCKETS = 1024
};

typedef enum { BUFFER, CIRCULAR_BUFFER, KERNEL } held_kind;

/* Something live, or (in `owed`) something that the server still has to be told is not. */
typedef struct live {
  /* In the order of allocation. */
  struct live *older, *newer;
  /* In its bucket, latest first: a FREE names no type, and ends the latest under its id. */
  struct live *next;
  uint64_t serial;
  held_kind kind;
  unsigned char message[LIVE_BYTES];
} live;

struct tt_alloc_client {
  struct tt_alloc_client *next_client;
  struct sockaddr_un address;
  size_t frame_bytes, max_queued;
  bool extension;

  /* Guards what follows, down to the counts; held for as long as it takes to copy a batch at most. */
  pthread_mutex_t lock;
  bool closing;
  struct timespec close_at;

  /* What waits one by one: a ring. */
  unsigned char (*queue)[MESSAGE_BYTES];
  size_t queue_head, queue_length;

  live *oldest, *newest, **buckets;
  size_t bucket_count, live_count;
  uint64_t last_serial;
  /* Frees of what the server knows, oldest first. They go before what is unsent, which may have the same ids again. */
  live *owed_first, *owed_last;
  /* From this one on nothing is sent or queued; only where the client is behind. */
  live *unsent;
  bool behind;

  bool connected;
  uint64_t connections, sent, dropped, unknown_frees;

  /* The thread waits for `wake` (an eventfd), and for nothing else of the application's. */
  bool asleep;
  int wake;
  pthread_t thread;
  /* A fork()ed child has none before its first report. */
  bool has_thread;
  /* The thread's own; -1 where there is none. */
  int socket;
};

/* Every open client, for fork(). */
static struct tt_alloc_client *all_clients;
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

/* Messages: little-endian, packed. */

static void put(unsigned char *message, size_t offset, size_t bytes, uint64_t value) {
  for (size_t i = 0; i < bytes; i++) message[offset + i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *message, size_t offset, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; i++) value |= (uint64_t)message[offset + i] << (8 * i);
  return value;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void write_header(unsigned char *message, int type, int32_t device, uint64_t id, uint64_t size,
                         int buffer_type, uint64_t timestamp) {
  memset(message, 0, MESSAGE_BYTES);
  put(message, 0, 1, (uint64_t)type);
  put(message, 4, 4, (uint32_t)device);
  put(message, 8, 8, size);
  put(message, 16, 1, (uint64_t)buffer_type);
  put(message, 20, 4, (uint32_t)getpid());
  put(message, 24, 8, id);
  put(message, 32, 8, timestamp);
}

/* What is live. All of it under the lock. */

static size_t bucket_of(const tt_alloc_client *client, held_kind kind, int32_t device, uint64_t id) {
  uint64_t hash = (id ^ ((uint64_t)(uint32_t)device << 40) ^ ((uint64_t)kind << 60)) * UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(hash >> 32) & (client->bucket_count - 1);
}

static bool is_under(const live *entry, held_kind kind, int32_t device, uint64_t id) {
  return entry->kind == kind && get(entry->message, 24, 8) == id && (int32_t)get(entry->message, 4, 4) == device;
}

static void put_into_bucket(tt_alloc_client *client, live *entry) {
  int32_t device = (int32_t)get(entry->message, 4, 4);
  live **bucket = &client->buckets[bucket_of(client, entry->kind, device, get(entry->message, 24, 8))];
  entry->next = *bucket;
  *bucket = entry;
}

/* Without memory for more buckets the chains grow longer, and nothing else. */
static void grow(tt_alloc_client *client) {
  live **buckets = calloc(2 * client->bucket_count, sizeof *buckets);
  if (buckets == NULL) return;
  free(client->buckets);
  client->buckets = buckets;
  client->bucket_count *= 2;
  for (live *entry = client->oldest; entry != NULL; entry = entry->newer) put_into_bucket(client, entry);
}

/* NULL where there is no memory. */
static live *add_live(tt_alloc_client *client, held_kind kind, const unsigned char *message) {
  live *entry = malloc(sizeof *entry);
  if (entry == NULL) return NULL;
  if (client->live_count >= client->bucket_count) grow(client);
  memcpy(entry->message, message, LIVE_BYTES);
  entry->kind = kind;
  entry->serial = ++client->last_serial;
  entry->newer = NULL;
  entry->older = client->newest;
  if (client->newest == NULL) client->oldest = entry;
  else client->newest->newer = entry;
  client->newest = entry;
  client->live_count++;
  put_into_bucket(client, entry);
  return entry;
}

/* NULL where nothing is live under that id. `*unsent`: the server has not been told of it, nor will it be. */
static live *remove_live(tt_alloc_client *client, held_kind kind, int32_t device, uint64_t id, bool *unsent) {
  live **link = &client->buckets[bucket_of(client, kind, device, id)];
  while (*link != NULL && !is_under(*link, kind, device, id)) link = &(*link)->next;
  live *entry = *link;
  if (entry == NULL) return NULL;
  *link = entry->next;
  *unsent = client->unsent != NULL && entry->serial >= client->unsent->serial;
  if (client->unsent == entry) client->unsent = entry->newer;
  if (entry->older == NULL) client->oldest = entry->newer;
  else entry->older->newer = entry->newer;
  if (entry->newer == NULL) client->newest = entry->older;
  else entry->newer->older = entry->older;
  client->live_count--;
  return entry;
}

/* What is to be sent. All of it under the lock. */

static bool enqueue(tt_alloc_client *client, const unsigned char *message) {
  if (client->queue_length >= client->max_queued) client->behind = true;
  if (client->behind) return false;
  size_t at = (client->queue_head + client->queue_length++) % client->max_queued;
  memcpy(client->queue[at], message, MESSAGE_BYTES);
  return true;
}

static live *take_owed(tt_alloc_client *client) {
  live *entry = client->owed_first;
  if (entry == NULL) return NULL;
  client->owed_first = entry->newer;
  if (client->owed_first == NULL) client->owed_last = NULL;
  return entry;
}

static void append_owed(tt_alloc_client *client, live *entry) {
  entry->newer = NULL;
  if (client->owed_last == NULL) client->owed_first = entry;
  else client->owed_last->newer = entry;
  client->owed_last = entry;
}

/* Writes the next message into a frame of zeros; false where there is none. */
static bool take_next(tt_alloc_client *client, unsigned char *frame) {
  live *entry;
  if (client->queue_length > 0) {
    memcpy(frame, client->queue[client->queue_head], MESSAGE_BYTES);
    client->queue_head = (client->queue_head + 1) % client->max_queued;
    client->queue_length--;
  } else if ((entry = take_owed(client)) != NULL) {
    memcpy(frame, entry->message, LIVE_BYTES);
    free(entry);
  } else if (client->unsent != NULL) {
    memcpy(frame, client->unsent->message, LIVE_BYTES);
    client->unsent = client->unsent->newer;
  } else {
    client->behind = false;
    return false;
  }
  return true;
}

/* Whole frames for one write: how many bytes of `batch` they take. */
static size_t take_batch(tt_alloc_client *client, unsigned char *batch) {
  size_t bytes = 0;
  memset(batch, 0, BATCH_BYTES);
  while (bytes + client->frame_bytes <= BATCH_BYTES && take_next(client, batch + bytes)) bytes += client->frame_bytes;
  return bytes;
}

/* The next server knows nothing. Gives what was owed, to be freed without the lock. */
static live *start_over(tt_alloc_client *client) {
  live *owed = client->owed_first;
  client->owed_first = client->owed_last = NULL;
  client->queue_length = 0;
  client->unsent = client->oldest;
  client->behind = true;
  client->connected = false;
  return owed;
}

static void free_list(live *entry) {
  while (entry != NULL) {
    live *newer = entry->newer;
    free(entry);
    entry = newer;
  }
}

/* The thread. */

static void ring(tt_alloc_client *client) {
  const uint64_t one = 1;
  /* It fails only where it has been rung 2^64 times before. */
  ssize_t ignored = write(client->wake, &one, sizeof one);
  (void)ignored;
}

static void wait_ms(tt_alloc_client *client, short socket_events, int milliseconds, short *socket_revents) {
  struct pollfd waits[2] = {{.fd = client->wake, .events = POLLIN}, {.fd = client->socket, .events = socket_events}};
  uint64_t rung;
  int ready = poll(waits, client->socket < 0 ? 1 : 2, milliseconds);
  *socket_revents = ready > 0 && client->socket >= 0 ? waits[1].revents : 0;
  if (ready > 0 && (waits[0].revents & POLLIN) != 0) {
    ssize_t ignored = read(client->wake, &rung, sizeof rung);
    (void)ignored;
  }
}

/* -1: the client is not being closed. */
static int ms_to_close(tt_alloc_client *client) {
  struct timespec now;
  int left = -1;
  pthread_mutex_lock(&client->lock);
  if (client->closing) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t ms = (int64_t)(client->close_at.tv_sec - now.tv_sec) * 1000 +
                 (client->close_at.tv_nsec - now.tv_nsec) / 1000000;
    left = ms < 0 ? 0 : (int)ms;
  }
  pthread_mutex_unlock(&client->lock);
  return left;
}

static bool connect_server(tt_alloc_client *client) {
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  if (connect(descriptor, (const struct sockaddr *)&client->address, sizeof client->address) != 0) {
    close(descriptor);
    return false;
  }
  client->socket = descriptor;
  return true;
}

/* Servers send applications nothing; what comes is thrown away, and its end is the server's. */
static bool peer_ended(int descriptor) {
  unsigned char bytes[256];
  for (;;) {
    ssize_t got = recv(descriptor, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0) continue;
    return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
  }
}

/* False where the connection is lost. */
static bool send_some(int descriptor, const unsigned char *bytes, size_t length, size_t *done) {
  ssize_t sent = send(descriptor, bytes + *done, length - *done, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) *done += (size_t)sent;
  return sent >= 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOBUFS;
}

/* Sends until the connection is lost, or the client is closed and nothing is left or no time. */
static void serve(tt_alloc_client *client) {
  unsigned char batch[BATCH_BYTES];
  size_t length = 0, done = 0;
  short events;
  for (;;) {
    if (done == length) {
      pthread_mutex_lock(&client->lock);
      if (!client->connected) client->connections++;
      client->connected = true;
      client->sent += length / client->frame_bytes;
      length = take_batch(client, batch);
      client->asleep = length == 0;
      pthread_mutex_unlock(&client->lock);
      done = 0;
    }
    if (length > 0) {
      if (!send_some(client->socket, batch, length, &done)) return;
      if (done == length) continue;
    }
    int left = ms_to_close(client);
    if (left == 0 || (left > 0 && length == 0)) return;
    wait_ms(client, (short)(POLLIN | (length > 0 ? POLLOUT : 0)), left, &events);
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && peer_ended(client->socket)) return;
  }
}

static void lose(tt_alloc_client *client) {
  pthread_mutex_lock(&client->lock);
  int descriptor = client->socket;
  client->socket = -1;
  client->asleep = false;
  live *owed = start_over(client);
  pthread_mutex_unlock(&client->lock);
  close(descriptor);
  free_list(owed);
}

static void *run(void *argument) {
  tt_alloc_client *client = argument;
  int pause = FIRST_PAUSE_MS;
  short ignored;
  do {
    if (connect_server(client)) {
      pause = FIRST_PAUSE_MS;
      serve(client);
      lose(client);
    } else if (ms_to_close(client) < 0) {
      /* No report wakes it here, only close. */
      wait_ms(client, 0, pause, &ignored);
      pause = 2 * pause < LONGEST_PAUSE_MS ? 2 * pause : LONGEST_PAUSE_MS;
    }
  } while (ms_to_close(client) < 0);
  return NULL;
}

/* Under the lock. The application's signals are not for this thread. */
static int start_thread(tt_alloc_client *client) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&client->thread, NULL, run, client);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  client->has_thread = error == 0;
  return error;
}

/* fork(): nothing is in the middle of anything, and the child begins anew. */

static void before_fork(void) {
  pthread_mutex_lock(&all_lock);
  for (tt_alloc_client *client = all_clients; client != NULL; client = client->next_client) {
    pthread_mutex_lock(&client->lock);
  }
}

static void after_fork(void) {
  for (tt_alloc_client *client = all_clients; client != NULL; client = client->next_client) {
    pthread_mutex_unlock(&client->lock);
  }
  pthread_mutex_unlock(&all_lock);
}

static void begin_anew(tt_alloc_client *client) {
  if (client->socket >= 0) close(client->socket);
  close(client->wake);
  client->socket = -1;
  client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  client->has_thread = client->asleep = false;
  free_list(client->oldest);
  client->oldest = client->newest = NULL;
  client->live_count = 0;
  memset(client->buckets, 0, client->bucket_count * sizeof *client->buckets);
  free_list(start_over(client));
  client->connections = client->sent = client->dropped = client->unknown_frees = 0;
}

static void after_fork_in_child(void) {
  for (tt_alloc_client *client = all_clients; client != NULL; client = client->next_client) begin_anew(client);
  after_fork();
}

static void watch_forks(void) { pthread_atfork(before_fork, after_fork, after_fork_in_child); }

/* Opening and closing. */

static void destroy(tt_alloc_client *client) {
  if (client->wake >= 0) close(client->wake);
  free_list(client->oldest);
  free_list(client->owed_first);
  free(client->buckets);
  free(client->queue);
  pthread_mutex_destroy(&client->lock);
  free(client);
}

static bool is_on(const tt_alloc_options *options) {
  const char *value = getenv("TT_ALLOC_TRACKING_ENABLED");
  return options->always || (value != NULL && strcmp(value, "1") == 0);
}

static tt_alloc_client *create(const tt_alloc_options *options, const char *path) {
  tt_alloc_client *client = calloc(1, sizeof *client);
  if (client == NULL) return NULL;
  pthread_mutex_init(&client->lock, NULL);
  client->address.sun_family = AF_UNIX;
  memcpy(client->address.sun_path, path, strlen(path) + 1);
  client->frame_bytes = options->frame_bytes == 0 ? 144 : options->frame_bytes;
  client->extension = options->extension && client->frame_bytes == 144;
  client->max_queued = options->max_queued == 0 ? 4096 : options->max_queued;
  client->behind = true;
  client->socket = -1;
  client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  client->bucket_count = FIRST_BUCKETS;
  client->buckets = calloc(client->bucket_count, sizeof *client->buckets);
  client->queue = calloc(client->max_queued, sizeof *client->queue);
  if (client->wake < 0 || client->buckets == NULL || client->queue == NULL) {
    int error = client->wake < 0 ? errno : ENOMEM;
    destroy(client);
    errno = error;
    return NULL;
  }
  return client;
}

tt_alloc_client *tt_alloc_open(const tt_alloc_options *options) {
  const tt_alloc_options defaults = {0};
  if (options == NULL) options = &defaults;
  if (!is_on(options)) return NULL;
  const char *path = options->socket_path == NULL ? TT_ALLOC_DEFAULT_SOCKET : options->socket_path;
  size_t frame = options->frame_bytes;
  bool known = frame == 0 || frame == 72 || frame == 112 || frame == 144;
  if (!known || *path == '\0' || strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
    errno = EINVAL;
    return NULL;
  }
  tt_alloc_client *client = create(options, path);
  if (client == NULL) return NULL;
  pthread_once(&fork_once, watch_forks);
  pthread_mutex_lock(&all_lock);
  int error = start_thread(client);
  if (error == 0) {
    client->next_client = all_clients;
    all_clients = client;
  }
  pthread_mutex_unlock(&all_lock);
  if (error == 0) return client;
  destroy(client);
  errno = error;
  return NULL;
}

void tt_alloc_close(tt_alloc_client *client, int milliseconds) {
  if (client == NULL) return;
  pthread_mutex_lock(&client->lock);
  client->closing = true;
  clock_gettime(CLOCK_MONOTONIC, &client->close_at);
  client->close_at.tv_sec += milliseconds / 1000;
  client->close_at.tv_nsec += (long)(milliseconds % 1000) * 1000000;
  bool has_thread = client->has_thread;
  ring(client);
  pthread_mutex_unlock(&client->lock);
  if (has_thread) pthread_join(client->thread, NULL);
  pthread_mutex_lock(&all_lock);
  tt_alloc_client **link = &all_clients;
  while (*link != client) link = &(*link)->next_client;
  *link = client->next_client;
  pthread_mutex_unlock(&all_lock);
  destroy(client);
}

/* Reports. */

static void wake_thread(tt_alloc_client *client) {
  if (!client->has_thread) start_thread(client);
  if (!client->asleep) return;
  client->asleep = false;
  ring(client);
}

/* Takes the lock where the server has such a message; counts it where not. */
static bool begin(tt_alloc_client *client, int type) {
  if (client == NULL) return false;
  pthread_mutex_lock(&client->lock);
  if (type == ALLOC || type == FREE) return true;
  if (client->frame_bytes == 144 && (type < CB_ALLOC_CORES || client->extension)) return true;
  client->dropped++;
  pthread_mutex_unlock(&client->lock);
  return false;
}

static void end(tt_alloc_client *client) {
  wake_thread(client);
  pthread_mutex_unlock(&client->lock);
}

static void hold(tt_alloc_client *client, held_kind kind, const unsigned char *message) {
  live *entry = add_live(client, kind, message);
  if (entry == NULL) client->dropped++;
  else if (!enqueue(client, message) && client->unsent == NULL) client->unsent = entry;
}

static void release(tt_alloc_client *client, held_kind kind, int type, int32_t device, uint64_t id) {
  unsigned char message[MESSAGE_BYTES];
  bool unsent;
  if (!begin(client, type)) return;
  live *entry = remove_live(client, kind, device, id, &unsent);
  if (entry == NULL) {
    client->unknown_frees++;
  } else if (unsent) {
    /* The server knows neither: both are saved. */
    client->dropped += 2;
    free(entry);
  } else {
    write_header(message, type, device, id, type == FREE ? 0 : get(entry->message, 8, 8), 0, 0);
    if (enqueue(client, message)) {
      free(entry);
    } else {
      memcpy(entry->message, message, LIVE_BYTES);
      append_owed(client, entry);
    }
  }
  end(client);
}

void tt_alloc_allocated(tt_alloc_client *client, int32_t device, uint64_t id, uint64_t size, tt_alloc_type type) {
  unsigned char message[MESSAGE_BYTES];
  if (!begin(client, ALLOC)) return;
  write_header(message, ALLOC, device, id, size, type, now_ns());
  hold(client, BUFFER, message);
  end(client);
}

void tt_alloc_freed(tt_alloc_client *client, int32_t device, uint64_t id) {
  release(client, BUFFER, FREE, device, id);
}

void tt_alloc_cb_allocated(tt_alloc_client *client, int32_t device, uint64_t id, uint64_t size,
                           const tt_alloc_cores *cores) {
  unsigned char message[MESSAGE_BYTES];
  if (!begin(client, CB_ALLOC)) return;
  bool with_cores = cores != NULL && client->extension;
  write_header(message, with_cores ? CB_ALLOC_CORES : CB_ALLOC, device, id, size, 0, now_ns());
  if (with_cores) {
    put(message, HEADER_BYTES, 2, cores->first_x);
    put(message, HEADER_BYTES + 2, 2, cores->first_y);
    put(message, HEADER_BYTES + 4, 2, cores->last_x);
    put(message, HEADER_BYTES + 6, 2, cores->last_y);
    put(message, HEADER_BYTES + 8, 8, cores->bytes_per_core);
  }
  hold(client, CIRCULAR_BUFFER, message);
  end(client);
}

void tt_alloc_cb_freed(tt_alloc_client *client, int32_t device, uint64_t id) {
  release(client, CIRCULAR_BUFFER, CB_FREE, device, id);
}

void tt_alloc_kernel_loaded(tt_alloc_client *client, int32_t device, uint64_t id, uint64_t size,
                            tt_alloc_kernel_kind kind) {
  unsigned char message[MESSAGE_BYTES];
  if (!begin(client, KERNEL_LOAD)) return;
  write_header(message, KERNEL_LOAD, device, id, size, kind, now_ns());
  hold(client, KERNEL, message);
  end(client);
}

void tt_alloc_kernel_unloaded(tt_alloc_client *client, int32_t device, uint64_t id) {
  release(client, KERNEL, KERNEL_UNLOAD, device, id);
}

void tt_alloc_statistics(tt_alloc_client *client, int32_t device, tt_alloc_type type, uint64_t allocatable,
                         uint64_t allocated, uint64_t free_bytes, uint64_t largest_free_block) {
  unsigned char message[MESSAGE_BYTES];
  if (!begin(client, ALLOCATOR_STATS)) return;
  write_header(message, ALLOCATOR_STATS, device, 0, 0, type, now_ns());
  put(message, HEADER_BYTES, 8, allocatable);
  put(message, HEADER_BYTES + 8, 8, allocated);
  put(message, HEADER_BYTES + 16, 8, free_bytes);
  put(message, HEADER_BYTES + 24, 8, largest_free_block);
  if (!enqueue(client, message)) client->dropped++;
  end(client);
}

void tt_alloc_failed(tt_alloc_client *client, int32_t device, tt_alloc_type type, uint64_t size,
                     uint64_t largest_free_block) {
  unsigned char message[MESSAGE_BYTES];
  if (!begin(client, ALLOC_FAILED)) return;
  write_header(message, ALLOC_FAILED, device, 0, size, type, now_ns());
  put(message, HEADER_BYTES, 8, largest_free_block);
  if (!enqueue(client, message)) client->dropped++;
  end(client);
}

tt_alloc_counts tt_alloc_get_counts(tt_alloc_client *client) {
  tt_alloc_counts counts = {0};
  if (client == NULL) return counts;
  pthread_mutex_lock(&client->lock);
  counts.connected = client->connected;
  counts.connections = client->connections;
  counts.sent = client->sent;
  counts.dropped = client->dropped;
  counts.unknown_frees = client->unknown_frees;
  counts.live = client->live_count;
  pthread_mutex_unlock(&client->lock);
  return counts;
}
