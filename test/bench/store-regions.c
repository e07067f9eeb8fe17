/*
 * Applications that allocate: stores into their regions through a mapping, as TT-Metal does, which moves no time of the
 * file. Arguments: <region> <image> <image> for each region. For each byte of standard input what differs between the
 * images is stored, by turns of the second and of the first one, and answered with a byte.
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_REGIONS = 64 };

struct mapping {
  uint64_t *words;
  size_t count;
};

static struct mapping map(const char *path, int writable) {
  struct stat status;
  struct mapping mapping = {0};
  int fd = open(path, writable ? O_RDWR : O_RDONLY);
  if (fd < 0 || fstat(fd, &status) != 0) {
    perror(path);
    exit(1);
  }
  mapping.count = (size_t)status.st_size / sizeof *mapping.words;
  mapping.words =
      mmap(NULL, (size_t)status.st_size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
  if (mapping.words == MAP_FAILED) {
    perror(path);
    exit(1);
  }
  close(fd);
  return mapping;
}

int main(int argc, char **argv) {
  static struct mapping regions[MOST_REGIONS], images[2][MOST_REGIONS];
  int count = (argc - 1) / 3, turn = 0;
  char byte;
  if (count > MOST_REGIONS) return 2;
  for (int index = 0; index < count; index++) {
    regions[index] = map(argv[1 + 3 * index], 1);
    for (int which = 0; which < 2; which++) images[which][index] = map(argv[2 + 3 * index + which], 0);
  }
  while (read(STDIN_FILENO, &byte, 1) == 1) {
    turn = !turn;
    for (int index = 0; index < count; index++) {
      const uint64_t *from = images[!turn][index].words, *to = images[turn][index].words;
      volatile uint64_t *into = regions[index].words;
      for (size_t word = 0; word < regions[index].count; word++)
        if (from[word] != to[word]) into[word] = to[word];
    }
    if (write(STDOUT_FILENO, &byte, 1) != 1) return 1;
  }
  return 0;
}
