/*
 * What Node.js has no call for and tt-allocation-server wants: who is at the other end of a Unix socket, and descriptors
 * handed to a service manager. Node-API version 8; see build.sh. Without it the server runs, with less to say.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <node_api.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_DESCRIPTORS 16
#define MAX_MESSAGE 4096

static napi_value throw_errno(napi_env env, const char *call) {
  napi_throw_error(env, call, strerror(errno));
  return NULL;
}

static int get_int(napi_env env, napi_value value, int *into) {
  int32_t number = -1;
  if (napi_get_value_int32(env, value, &number) != napi_ok || number < 0) {
    napi_throw_type_error(env, NULL, "a descriptor must be a number of 0 or more");
    return -1;
  }
  *into = number;
  return 0;
}

static napi_value descriptor(napi_env env, int fd) {
  napi_value value;
  return napi_create_int32(env, fd, &value) == napi_ok ? value : NULL;
}

static void set_number(napi_env env, napi_value object, const char *name, double number) {
  napi_value value;
  if (napi_create_double(env, number, &value) == napi_ok) napi_set_named_property(env, object, name, value);
}

/* peerCredentials(fd): { pid, uid, gid } of the process that connected; pid is 0 where this PID namespace has none. */
static napi_value peer_credentials(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  size_t count = 1;
  int fd;
  struct ucred peer;
  socklen_t length = sizeof peer;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  if (get_int(env, argument, &fd) != 0) return NULL;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return throw_errno(env, "getsockopt");
  if (napi_create_object(env, &result) != napi_ok) return NULL;
  set_number(env, result, "pid", peer.pid);
  set_number(env, result, "uid", peer.uid);
  set_number(env, result, "gid", peer.gid);
  return result;
}

/* duplicate(fd): another descriptor of the same open file, closed by exec. */
static napi_value duplicate(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  int fd, copy;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  if (get_int(env, argument, &fd) != 0) return NULL;
  copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  return copy < 0 ? throw_errno(env, "fcntl") : descriptor(env, copy);
}

/* memoryFile(): a descriptor of a new file that is nowhere but in memory. */
static napi_value memory_file(napi_env env, napi_callback_info info) {
  int fd = memfd_create("tt-allocation-server", MFD_CLOEXEC);
  (void)info;
  return fd < 0 ? throw_errno(env, "memfd_create") : descriptor(env, fd);
}

static socklen_t address_of(const char *path, size_t length, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  if (path[0] == '@') address->sun_path[0] = '\0';
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '@' ? 0 : 1));
}

static int read_descriptors(napi_env env, napi_value list, int *fds, uint32_t *count) {
  uint32_t index;
  if (napi_get_array_length(env, list, count) != napi_ok || *count > MAX_DESCRIPTORS) {
    napi_throw_range_error(env, NULL, "the descriptors must be a list of 16 at most");
    return -1;
  }
  for (index = 0; index < *count; index++) {
    napi_value element;
    if (napi_get_element(env, list, index, &element) != napi_ok || get_int(env, element, &fds[index]) != 0) return -1;
  }
  return 0;
}

static int send_message(const struct sockaddr_un *address, socklen_t address_length, char *text, size_t length,
                        const int *fds, uint32_t count) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(MAX_DESCRIPTORS * sizeof(int))];
  } control;
  struct iovec part = {.iov_base = text, .iov_len = length};
  struct msghdr message = {
      .msg_name = (void *)address, .msg_namelen = address_length, .msg_iov = &part, .msg_iovlen = 1};
  int sent, error, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  }
  sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -1 : 0;
  error = errno;
  close(fd);
  errno = error;
  return sent;
}

/* notify(path, text, fds): one datagram to a service manager's socket, as sd_notify(3) sends it. Never waits. */
static napi_value notify(napi_env env, napi_callback_info info) {
  napi_value arguments[3], result;
  size_t count = 3, path_length, text_length;
  char path[sizeof(((struct sockaddr_un *)0)->sun_path)], text[MAX_MESSAGE];
  struct sockaddr_un address;
  socklen_t address_length;
  int fds[MAX_DESCRIPTORS];
  uint32_t descriptors;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &path_length) != napi_ok ||
      napi_get_value_string_utf8(env, arguments[1], text, sizeof text, &text_length) != napi_ok || path_length == 0) {
    napi_throw_type_error(env, NULL, "wanted the path of a socket and a text");
    return NULL;
  }
  if (read_descriptors(env, arguments[2], fds, &descriptors) != 0) return NULL;
  address_length = address_of(path, path_length, &address);
  if (send_message(&address, address_length, text, text_length, fds, descriptors) != 0)
    return throw_errno(env, "sendmsg");
  napi_get_undefined(env, &result);
  return result;
}

static napi_value init(napi_env env, napi_value exports) {
  const napi_property_descriptor functions[] = {
      {"peerCredentials", NULL, peer_credentials, NULL, NULL, NULL, napi_enumerable, NULL},
      {"duplicate", NULL, duplicate, NULL, NULL, NULL, napi_enumerable, NULL},
      {"memoryFile", NULL, memory_file, NULL, NULL, NULL, napi_enumerable, NULL},
      {"notify", NULL, notify, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
  return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, init)
