/*
 * An application as the allocation server sees one: it reports as TT-Metal's client does, with a blocking send() under a
 * lock, without MSG_NOSIGNAL, and never reads. Usage: application PATH FRAME_BYTES MESSAGES PAUSE_US [LETTERS]
 * It allocates MESSAGES buffers of 1000 bytes on device 0 and keeps them; then it prints the longest send in microseconds.
 * Letters: f, a child does it over the connection of its parent, which waits; o, the same and the parent ends after 0.3 s;
 * w, it waits for a byte on stdin before it sends; h, it stays until stdin has another one or ends.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
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

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int server;
static size_t frame_bytes;
static long longest;

static long microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static void report(struct message *message) {
  pthread_mutex_lock(&lock);
  long begin = microseconds();
  if (send(server, message, frame_bytes, 0) != (ssize_t)frame_bytes) {
    perror("send");
    exit(3);
  }
  long took = microseconds() - begin;
  if (took > longest) longest = took;
  pthread_mutex_unlock(&lock);
}

static void allocate(long count, long pause) {
  for (long index = 0; index < count; index++) {
    struct message message;
    memset(&message, 0, sizeof message);
    message.type = 1;
    message.size = 1000;
    message.process_id = getpid();
    message.buffer_id = 4096 + index;
    message.timestamp = (uint64_t)time(NULL) * 1000000000u;
    report(&message);
    if (pause > 0) usleep(pause);
  }
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int buffer = 1024 * 1024;
  const char *mode = argc > 5 ? argv[5] : "";
  if (argc < 5) return 2;
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  frame_bytes = strtoul(argv[2], NULL, 10);
  server = socket(AF_UNIX, SOCK_STREAM, 0);
  setsockopt(server, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  if (connect(server, (struct sockaddr *)&address, sizeof address) != 0) {
    perror("connect");
    return 1;
  }
  printf("connected %d\n", getpid());
  fflush(stdout);
  if (strpbrk(mode, "fo") != NULL) {
    pid_t child = fork();
    if (child != 0 && strchr(mode, 'o') != NULL) {
      usleep(300000);
      return 0;
    }
    if (child != 0) {
      int status;
      waitpid(child, &status, 0);
      return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
    }
  }
  if (strchr(mode, 'w') != NULL) getchar();
  allocate(strtol(argv[3], NULL, 10), strtol(argv[4], NULL, 10));
  printf("longest %ld\n", longest);
  fflush(stdout);
  if (strchr(mode, 'h') != NULL) getchar();
  return 0;
}
