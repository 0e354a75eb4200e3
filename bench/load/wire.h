/*
 * What the load tools in C share: connections with buffers on one epoll, a clock. A tool defines its own
 * `void take(Wire *)`, which is called when bytes have come.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE 262144

/* What was read stands in in[0 .. in_length); what is to be written in out[out_begin .. out_end). */
typedef struct {
  int fd;
  int closed;
  int in_length;
  int out_begin, out_end, out_size;
  uint8_t *out;
  uint8_t in[READ_SIZE];
} Wire;

static int poll_fd;

static void die(const char *what) {
  fprintf(stderr, "error: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(1);
}

/* For what is wrong without an error of the system's. */
static void refuse(const char *what) {
  errno = 0;
  die(what);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void watch(Wire *w, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = w};
  if (epoll_ctl(poll_fd, operation, w->fd, &event)) die("epoll_ctl");
}

static void adopt(Wire *w, int fd) {
  int one = 1;
  w->fd = fd;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  watch(w, EPOLL_CTL_ADD, EPOLLIN);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void dial(Wire *w, int port) {
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) die("connect");
  adopt(w, fd);
}

/* Room for so many bytes behind what is to be written. */
static uint8_t *room(Wire *w, int length) {
  if (w->out_begin == w->out_end) w->out_begin = w->out_end = 0;
  if (w->out_size < w->out_end + length) {
    w->out_size = (w->out_end + length) * 2;
    w->out = realloc(w->out, (size_t)w->out_size);
    if (!w->out) die("memory");
  }
  uint8_t *at = w->out + w->out_end;
  w->out_end += length;
  return at;
}

/* Writes what is waiting, the rest when the other side takes it. */
static void flush_out(Wire *w) {
  while (w->out_begin < w->out_end && !w->closed) {
    ssize_t written = write(w->fd, w->out + w->out_begin, (size_t)(w->out_end - w->out_begin));
    if (written < 0 && errno == EAGAIN) {
      watch(w, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
      return;
    }
    if (written < 0) w->closed = 1;
    else w->out_begin += (int)written;
  }
}

/* Reads what has come. */
static void fill_in(Wire *w) {
  ssize_t got = read(w->fd, w->in + w->in_length, (size_t)(READ_SIZE - w->in_length));
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) w->closed = 1;
  else w->in_length += (int)got;
}

/* Lets go of what has been taken from the front. */
static void drop_front(Wire *w, int taken) {
  if (taken == 0) return;
  memmove(w->in, w->in + taken, (size_t)(w->in_length - taken));
  w->in_length -= taken;
}

static void take(Wire *w);

/* One event of a connection. */
static void serve(Wire *w, uint32_t events) {
  if (events & EPOLLOUT) watch(w, EPOLL_CTL_MOD, EPOLLIN);
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
    fill_in(w);
    if (!w->closed) take(w);
  }
  flush_out(w);
}
