/*
 * An HTTP/2 upstream without TLS: one thread, epoll; answers every request, whatever its path, with 200 and 130 bytes.
 * It never looks into a header block, so it costs a fraction of what a proxy costs.
 *
 *   http2up PORT
 */
#include "http2.h"

#define STREAMS 1000
#define BODY 130
/* :status 200, content-type text/plain, content-length 130: literals that are not remembered. */
static const uint8_t head[] = "\x88\x0f\x10\x0atext/plain\x0f\x0d\x03" "130";
#define HEAD ((int)sizeof head - 1)

/* Streams whose request is whole wait in waiting[first .. last) for a window; both only grow. */
typedef struct {
  Wire wire;
  int greeted;
  int64_t window;
  uint32_t first, last;
  uint32_t waiting[STREAMS + 24];
} Connection;

#define WAITING ((uint32_t)(sizeof((Connection *)0)->waiting / sizeof(uint32_t)))

static void answer(Connection *c) {
  for (; c->first != c->last && c->window >= BODY; c->first++) {
    uint32_t stream = c->waiting[c->first % WAITING];
    memcpy(put_frame(&c->wire, HEAD, HEADERS, END_HEADERS, stream), head, (size_t)HEAD);
    memset(put_frame(&c->wire, BODY, DATA, END_STREAM, stream), 'b', BODY);
    c->window -= BODY;
  }
}

static void take_frame(Connection *c, const Frame *f) {
  if (f->type == WINDOW_UPDATE && f->stream == 0) c->window += get32(f->payload);
  if (f->type == SETTINGS || f->type == PING) acknowledge(&c->wire, f);
  if (f->type == DATA && f->length > 0) put_window(&c->wire, (uint32_t)f->length);
  if ((f->type == DATA || f->type == HEADERS) && f->flags & END_STREAM) {
    if (c->last - c->first == WAITING) refuse("more streams than were allowed");
    c->waiting[c->last++ % WAITING] = f->stream;
  }
}

static void take(Wire *w) {
  Connection *c = (Connection *)w;
  int at = 0;
  Frame f;
  if (!c->greeted) {
    if (w->in_length < (int)sizeof PREFACE - 1) return;
    if (memcmp(w->in, PREFACE, sizeof PREFACE - 1)) refuse("no preface of HTTP/2");
    put_setting(put_frame(w, SETTING_BYTES, SETTINGS, 0, 0), SETTING_STREAMS, STREAMS);
    at = (int)sizeof PREFACE - 1;
    c->greeted = 1;
  }
  for (; read_frame(w, at, &f); at += FRAME_HEAD + f.length) take_frame(c, &f);
  drop_front(w, at);
  answer(c);
}

static int listen_on(int port) {
  struct sockaddr_in address = loopback(port);
  int one = 1, server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 1024)) die("listen");
  return server;
}

int main(int count, char **arguments) {
  if (count < 2) refuse("usage: http2up PORT");
  poll_fd = epoll_create1(0);
  int server = listen_on(atoi(arguments[1]));
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, server, &event);
  for (;;) {
    int ready = epoll_wait(poll_fd, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      Connection *c = events[i].data.ptr;
      if (c == NULL) {
        for (int fd; (fd = accept4(server, NULL, NULL, 0)) >= 0;) {
          if (!(c = calloc(1, sizeof *c))) die("memory");
          c->window = 65535;
          adopt(&c->wire, fd);
        }
        continue;
      }
      serve(&c->wire, events[i].events);
      if (!c->wire.closed) continue;
      close(c->wire.fd);
      free(c->wire.out);
      free(c);
    }
  }
}
