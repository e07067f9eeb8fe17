/*
 * Applications that report as TT-Metal's client does: one frame of 144 bytes a send, blocking. Arguments: socket,
 * connections, live buffers. Allocates these, then takes lines: `go <milliseconds> <messages a second, 0: all it can>` frees
 * and allocates by turns over all connections in turn. Each line and the start are answered with a line of JSON.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct __attribute__((packed)) message {
  uint8_t type, pad1[3];
  int32_t device_id;
  uint64_t size;
  uint8_t buffer_type, pad2[3];
  int32_t process_id;
  uint64_t buffer_id, timestamp;
  uint8_t rest[104];
};

enum { MOST_CONNECTIONS = 1024, BINS = 1 << 16 };

static int connections[MOST_CONNECTIONS];
static int count;
/* Sends by how long they took, in microseconds. */
static uint32_t took[BINS];

static uint64_t nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void report(int type, uint64_t id) {
  struct message message = {.type = (uint8_t)type, .process_id = getpid(), .buffer_id = id << 12};
  if (type == 1) {
    message.size = 4096;
    message.timestamp = nanoseconds(CLOCK_REALTIME);
  }
  uint64_t begin = nanoseconds(CLOCK_MONOTONIC);
  if (send(connections[id % (uint64_t)count], &message, sizeof message, 0) != (ssize_t)sizeof message) {
    perror("send");
    exit(3);
  }
  uint64_t microseconds = (nanoseconds(CLOCK_MONOTONIC) - begin) / 1000;
  took[microseconds < BINS ? microseconds : BINS - 1]++;
}

static int open_connection(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int connection = socket(AF_UNIX, SOCK_STREAM, 0);
  /* As the client does. */
  int size = 1 << 20;
  setsockopt(connection, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) {
    perror("connect");
    exit(2);
  }
  return connection;
}

static double quantile(double share, uint64_t all) {
  uint64_t below = 0;
  for (int bin = 0; bin < BINS; bin++) {
    below += took[bin];
    if ((double)below >= share * (double)all) return bin;
  }
  return BINS;
}

static void go(uint64_t milliseconds, uint64_t rate, uint64_t live, uint64_t *next) {
  uint64_t begin = nanoseconds(CLOCK_MONOTONIC), until = begin + milliseconds * 1000000u, sent = 0;
  memset(took, 0, sizeof took);
  while (nanoseconds(CLOCK_MONOTONIC) < until) {
    if (rate > 0 && sent * 1000000000u > (nanoseconds(CLOCK_MONOTONIC) - begin) * rate) {
      usleep(200);
      continue;
    }
    report(2, *next - live);
    report(1, (*next)++);
    sent += 2;
  }
  double seconds = (double)(nanoseconds(CLOCK_MONOTONIC) - begin) / 1e9;
  printf("{\"messages\":%lu,\"seconds\":%f,\"p50us\":%.0f,\"p999us\":%.0f,\"maxus\":%.0f}\n", (unsigned long)sent, seconds,
         quantile(0.5, sent), quantile(0.999, sent), quantile(1, sent));
}

int main(int argc, char **argv) {
  if (argc != 4) return 1;
  count = atoi(argv[2]);
  uint64_t live = strtoull(argv[3], NULL, 10), next = 0;
  if (count < 1 || count > MOST_CONNECTIONS) return 1;
  for (int i = 0; i < count; i++) connections[i] = open_connection(argv[1]);
  while (next < live) report(1, next++);
  printf("{}\n");
  fflush(stdout);
  char line[128];
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned long milliseconds = 0, rate = 0;
    if (sscanf(line, "go %lu %lu", &milliseconds, &rate) == 2) go(milliseconds, rate, live, &next);
    fflush(stdout);
  }
  return 0;
}
