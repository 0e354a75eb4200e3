/*
 * A Bolt upstream: one thread, epoll; answers every request with a body of 100 bytes and every heartbeat with an empty
 * one. It costs a fraction of what a proxy costs.
 *
 *   boltup PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bolt.h"

#define READ_SIZE 262144
#define CONTENT_LENGTH 100
#define TYPE_ONE_WAY 2

typedef struct {
  int fd;
  uint8_t in[READ_SIZE];
  int in_length;
  uint8_t *out;
  int out_begin, out_end, out_size;
} Connection;

static int poll_fd;

static void watch(Connection *c, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  epoll_ctl(poll_fd, operation, c->fd, &event);
}

static void close_connection(Connection *c) {
  close(c->fd);
  free(c->out);
  free(c);
}

static uint8_t *room(Connection *c, int length) {
  if (c->out_size < c->out_end + length) {
    c->out_size = (c->out_end + length) * 2;
    c->out = realloc(c->out, (size_t)c->out_size);
    if (!c->out) exit(1);
  }
  uint8_t *at = c->out + c->out_end;
  c->out_end += length;
  return at;
}

static void answer(Connection *c, const uint8_t *request) {
  if (request[1] == TYPE_ONE_WAY) return;
  int heartbeat = get16(request + 2) == CODE_HEARTBEAT;
  int content = heartbeat ? 0 : CONTENT_LENGTH;
  uint8_t *frame = room(c, RESPONSE_FIXED + content);
  memset(frame, 0, RESPONSE_FIXED);
  frame[0] = 1;
  frame[1] = TYPE_RESPONSE;
  put16(frame + 2, heartbeat ? CODE_HEARTBEAT : CODE_RESPONSE);
  frame[4] = 1;
  memcpy(frame + ID_AT, request + ID_AT, 4);
  frame[9] = CODEC_HESSIAN;
  put32(frame + 16, (uint32_t)content);
  memset(frame + RESPONSE_FIXED, 'a', (size_t)content);
}

/* Writes what is waiting; 0 when the connection is gone. */
static int flush_out(Connection *c) {
  while (c->out_begin < c->out_end) {
    ssize_t written = write(c->fd, c->out + c->out_begin, (size_t)(c->out_end - c->out_begin));
    if (written < 0) {
      if (errno != EAGAIN) return 0;
      watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
      return 1;
    }
    c->out_begin += (int)written;
  }
  c->out_begin = c->out_end = 0;
  return 1;
}

/* Answers every whole request that came; 0 when the connection is gone. */
static int read_requests(Connection *c) {
  ssize_t got = read(c->fd, c->in + c->in_length, (size_t)(READ_SIZE - c->in_length));
  if (got < 0 && errno == EAGAIN) return 1;
  if (got <= 0) return 0;
  c->in_length += (int)got;
  int at = 0;
  while (c->in_length - at >= REQUEST_FIXED) {
    if (c->in[at + 1] == TYPE_RESPONSE) return 0;
    int length = REQUEST_FIXED + body_length(c->in + at + 14);
    if (length > READ_SIZE) return 0;
    if (c->in_length - at < length) break;
    answer(c, c->in + at);
    at += length;
  }
  memmove(c->in, c->in + at, (size_t)(c->in_length - at));
  c->in_length -= at;
  return flush_out(c);
}

static void accept_all(int server) {
  int fd, one = 1;
  while ((fd = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    Connection *c = calloc(1, sizeof *c);
    if (!c) exit(1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->fd = fd;
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
  }
}

static int listen_on(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 4096)) {
    perror("boltup");
    exit(1);
  }
  return server;
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: boltup PORT\n");
    return 2;
  }
  int server = listen_on(atoi(arguments[1]));
  poll_fd = epoll_create1(0);
  struct epoll_event listening = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, server, &listening);
  for (;;) {
    int ready = epoll_wait(poll_fd, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      Connection *c = events[i].data.ptr;
      if (!c) {
        accept_all(server);
        continue;
      }
      int open = 1;
      if (events[i].events & EPOLLOUT) {
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
        open = flush_out(c);
      }
      if (open && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) open = read_requests(c);
      if (!open) close_connection(c);
    }
  }
}
