/*
 * A closed-loop Bolt load generator: one thread, epoll, a fixed number of calls in flight on every connection. It costs
 * a fraction of what a proxy costs, so that the proxy is what is measured.
 *
 *   boltload PORT CONNECTIONS IN_FLIGHT SECONDS
 *
 * Prints one line of JSON: answered and failed calls, calls a second, latencies in milliseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bolt.h"

/* The low bits of an id are the slot of its call, so an answer finds its call without a search. */
#define SLOT_BITS 8
#define MAX_IN_FLIGHT (1 << SLOT_BITS)
#define READ_SIZE 65536
#define HISTOGRAM_US 2000000
#define CONTENT_LENGTH 200

typedef struct {
  uint32_t id;
  uint64_t started_ns;
} Slot;

typedef struct {
  int fd;
  uint8_t in[READ_SIZE];
  int in_length;
  uint8_t *out; /* room for every call in flight, so it never overflows */
  int out_begin, out_end;
  Slot *slots;
} Connection;

static uint8_t request[1024];
static int request_length;
static uint32_t histogram[HISTOGRAM_US]; /* answers by microseconds */
static uint64_t answered, failed;
static uint32_t next_id = 1;
static int poll_fd, in_flight;

static void die(const char *what) {
  fprintf(stderr, "boltload: %s: %s\n", what, errno ? strerror(errno) : "failed");
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint8_t *put_text(uint8_t *p, const char *text) {
  size_t length = strlen(text);
  put32(p, (uint32_t)length);
  memcpy(p + 4, text, length);
  return p + 4 + length;
}

/* The request every call sends, the id left open. */
static void build_request(void) {
  static const char *headers[] = {
      "sofa_head_target_service", "org.example.EchoService:1.0",
      "sofa_head_target_app", "echo",
      "rpc_trace_context.sofaRpcId", "0",
      "rpc_trace_context.sofaTraceId", "0a0fe8f51526882163170100124523",
      "sofa_head_method_name", "echo",
  };
  const char *class_name = "com.alipay.sofa.rpc.core.request.SofaRequest";
  uint8_t *p = request;
  p[0] = 1;
  p[1] = TYPE_REQUEST;
  put16(p + 2, CODE_REQUEST);
  p[4] = 1;
  p[9] = CODEC_HESSIAN;
  put32(p + 10, 3000);
  p += REQUEST_FIXED;
  memcpy(p, class_name, strlen(class_name));
  p += strlen(class_name);
  uint8_t *headers_begin = p;
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) p = put_text(p, headers[i]);
  put16(request + 14, (uint16_t)strlen(class_name));
  put16(request + 16, (uint16_t)(p - headers_begin));
  put32(request + 18, CONTENT_LENGTH);
  memset(p, 'b', CONTENT_LENGTH);
  request_length = (int)(p - request) + CONTENT_LENGTH;
}

static void watch(Connection *c, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  epoll_ctl(poll_fd, operation, c->fd, &event);
}

static void flush_out(Connection *c) {
  while (c->out_begin < c->out_end) {
    ssize_t written = write(c->fd, c->out + c->out_begin, (size_t)(c->out_end - c->out_begin));
    if (written < 0) {
      if (errno != EAGAIN) die("write");
      watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
      return;
    }
    c->out_begin += (int)written;
  }
  c->out_begin = c->out_end = 0;
}

static void call(Connection *c, int slot, uint64_t now) {
  uint32_t id = next_id++ << SLOT_BITS | (uint32_t)slot;
  if (c->out_begin > 0) { /* what a slow peer left unsent moves to the front */
    memmove(c->out, c->out + c->out_begin, (size_t)(c->out_end - c->out_begin));
    c->out_end -= c->out_begin;
    c->out_begin = 0;
  }
  uint8_t *frame = c->out + c->out_end;
  memcpy(frame, request, (size_t)request_length);
  put32(frame + ID_AT, id);
  c->out_end += request_length;
  c->slots[slot] = (Slot){.id = id, .started_ns = now};
}

static void open_connection(Connection *c, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) die("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  c->out = malloc((size_t)(request_length * in_flight));
  c->slots = calloc((size_t)in_flight, sizeof *c->slots);
  if (!c->out || !c->slots) die("memory");
  watch(c, EPOLL_CTL_ADD, EPOLLIN);
}

/* Counts one answer and puts the next call in its place. */
static void take_answer(Connection *c, const uint8_t *frame, uint64_t now) {
  uint32_t id = get32(frame + ID_AT);
  int slot = (int)(id & (MAX_IN_FLIGHT - 1));
  if (slot >= in_flight || c->slots[slot].id != id) {
    errno = 0;
    die("an answer with an unknown id");
  }
  if (get16(frame + STATUS_AT) == 0) answered++;
  else failed++;
  uint64_t us = (now - c->slots[slot].started_ns) / 1000;
  histogram[us < HISTOGRAM_US ? us : HISTOGRAM_US - 1]++;
  call(c, slot, now);
}

static void read_answers(Connection *c) {
  ssize_t got = read(c->fd, c->in + c->in_length, (size_t)(READ_SIZE - c->in_length));
  if (got < 0 && errno == EAGAIN) return;
  if (got < 0) die("read");
  if (got == 0) {
    errno = 0;
    die("the peer closed a connection");
  }
  c->in_length += (int)got;
  uint64_t now = now_ns();
  int at = 0;
  while (c->in_length - at >= RESPONSE_FIXED) {
    int length = RESPONSE_FIXED + body_length(c->in + at + 12);
    if (length > READ_SIZE) die("an answer too long");
    if (c->in_length - at < length) break;
    take_answer(c, c->in + at, now);
    at += length;
  }
  if (at > 0) {
    memmove(c->in, c->in + at, (size_t)(c->in_length - at));
    c->in_length -= at;
  }
  flush_out(c);
}

static double quantile_ms(double q) {
  uint64_t wanted = (uint64_t)(q * (double)(answered + failed)), seen = 0;
  for (int us = 0; us < HISTOGRAM_US; us++) {
    seen += histogram[us];
    if (seen > wanted) return us / 1000.0;
  }
  return 0;
}

int main(int count, char **arguments) {
  if (count < 5) {
    fprintf(stderr, "usage: boltload PORT CONNECTIONS IN_FLIGHT SECONDS\n");
    return 2;
  }
  int port = atoi(arguments[1]), connections = atoi(arguments[2]);
  double seconds = atof(arguments[4]);
  in_flight = atoi(arguments[3]);
  if (connections < 1 || in_flight < 1 || in_flight > MAX_IN_FLIGHT) {
    fprintf(stderr, "boltload: connections from 1, in flight from 1 to %d\n", MAX_IN_FLIGHT);
    return 2;
  }
  build_request();
  poll_fd = epoll_create1(0);
  Connection *all = calloc((size_t)connections, sizeof *all);
  if (!all) die("memory");
  for (int i = 0; i < connections; i++) open_connection(&all[i], port);

  uint64_t begin = now_ns(), end = begin + (uint64_t)(seconds * 1e9), now = begin;
  for (int i = 0; i < connections; i++) {
    for (int slot = 0; slot < in_flight; slot++) call(&all[i], slot, begin);
    flush_out(&all[i]);
  }
  struct epoll_event events[256];
  while (now < end) {
    int ready = epoll_wait(poll_fd, events, 256, 100);
    now = now_ns();
    for (int i = 0; i < ready; i++) {
      Connection *c = events[i].data.ptr;
      if (events[i].events & EPOLLOUT) {
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
        flush_out(c);
      }
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_answers(c);
    }
  }
  double elapsed = (double)(now_ns() - begin) / 1e9;
  printf("{\"answered\":%lu,\"failed\":%lu,\"seconds\":%.3f,\"rps\":%.0f,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f}\n",
         (unsigned long)answered, (unsigned long)failed, elapsed, (double)answered / elapsed,
         quantile_ms(.5), quantile_ms(.99), quantile_ms(.999));
  return 0;
}
