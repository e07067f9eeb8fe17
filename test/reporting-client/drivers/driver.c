/* Does with the client what lines on stdin say: see ../driver.ts. Arguments: socket, frame bytes, extension, max queued. */
#define _GNU_SOURCE
#include "tt_alloc_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t number(void) {
  const char *word = strtok(NULL, " \n");
  return word == NULL ? 0 : strtoull(word, NULL, 0);
}

static void obey(tt_alloc_client *client, const char *word) {
  int32_t device = (int32_t)number();
  uint64_t a = number(), b = number(), c = number(), d = number(), e = number(), f = number(), g = number();
  if (strcmp(word, "alloc") == 0) tt_alloc_allocated(client, device, a, b, (tt_alloc_type)c);
  if (strcmp(word, "free") == 0) tt_alloc_freed(client, device, a);
  if (strcmp(word, "cb") == 0) tt_alloc_cb_allocated(client, device, a, b, NULL);
  if (strcmp(word, "cores") == 0) {
    tt_alloc_cores cores = {(uint16_t)c, (uint16_t)d, (uint16_t)e, (uint16_t)f, g};
    tt_alloc_cb_allocated(client, device, a, b, &cores);
  }
  if (strcmp(word, "cbfree") == 0) tt_alloc_cb_freed(client, device, a);
  if (strcmp(word, "load") == 0) tt_alloc_kernel_loaded(client, device, a, b, (tt_alloc_kernel_kind)c);
  if (strcmp(word, "unload") == 0) tt_alloc_kernel_unloaded(client, device, a);
  if (strcmp(word, "stats") == 0) tt_alloc_statistics(client, device, (tt_alloc_type)a, b, c, d, e);
  if (strcmp(word, "failed") == 0) tt_alloc_failed(client, device, (tt_alloc_type)a, b, c);
  /* allocs <device> <first id> <how many> <size>: DRAM. */
  if (strcmp(word, "allocs") == 0) {
    for (uint64_t i = 0; i < b; i++) tt_alloc_allocated(client, device, a + i, c, TT_ALLOC_DRAM);
  }
  if (strcmp(word, "frees") == 0) {
    for (uint64_t i = 0; i < b; i++) tt_alloc_freed(client, device, a + i);
  }
}

/* The child reports one buffer of its own and ends. */
static void fork_one(tt_alloc_client *client) {
  pid_t child = fork();
  if (child == 0) {
    tt_alloc_allocated(client, 0, 0xf0, 15, TT_ALLOC_DRAM);
    tt_alloc_close(client, 2000);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  printf("{\"child\":%d,\"status\":%d}\n", (int)child, status);
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  tt_alloc_options options = {.socket_path = argv[1],
                              .frame_bytes = strtoul(argv[2], NULL, 10),
                              .extension = strcmp(argv[3], "1") == 0,
                              .max_queued = strtoul(argv[4], NULL, 10)};
  tt_alloc_client *client = tt_alloc_open(&options);
  char line[512];
  int milliseconds = 2000;
  while (fgets(line, sizeof line, stdin) != NULL) {
    const char *word = strtok(line, " \n");
    if (word == NULL) continue;
    if (strcmp(word, "counts") == 0) {
      tt_alloc_counts is = tt_alloc_get_counts(client);
      printf("{\"enabled\":%s,\"connected\":%s,\"connections\":%" PRIu64 ",\"sent\":%" PRIu64 ",\"dropped\":%" PRIu64
             ",\"unknownFrees\":%" PRIu64 ",\"live\":%" PRIu64 "}\n",
             client == NULL ? "false" : "true", is.connected ? "true" : "false", is.connections, is.sent, is.dropped,
             is.unknown_frees, is.live);
    } else if (strcmp(word, "close") == 0) {
      milliseconds = (int)number();
      break;
    } else if (strcmp(word, "fork") == 0) {
      fork_one(client);
    } else {
      obey(client, word);
    }
    fflush(stdout);
  }
  tt_alloc_close(client, milliseconds);
  return 0;
}
