/*
 * An HTTP/1.1 load generator that begins calls by the clock: one thread, epoll, one call at a time on every connection.
 *
 *   http1load PORT HOST CONNECTIONS SECONDS RATE
 *
 * Prints one line of JSON: answered and failed calls, calls a second, latencies in milliseconds.
 */
#include "wire.h"
#include "pace.h"

typedef struct {
  Wire wire;
  uint64_t started_ns; /* 0: free */
} Connection;

static Pace pace;
static Connection **all;
static int connections, busy;
static char request[512];
static int request_length;

static void begin_call(Connection *c, uint64_t due) {
  memcpy(room(&c->wire, request_length), request, (size_t)request_length);
  c->started_ns = due;
  busy++;
  flush_out(&c->wire);
}

/* Bytes of a whole answer at the front; 0 when it has not come whole. */
static int answer_length(const Wire *w) {
  static const char name[] = "\r\ncontent-length:";
  const char *text = (const char *)w->in;
  const char *end = memmem(text, (size_t)w->in_length, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  for (const char *p = text; p < end; p++) {
    if (strncasecmp(p, name, sizeof name - 1)) continue;
    int length = (int)(end - text) + 4 + atoi(p + sizeof name - 1);
    return length <= w->in_length ? length : 0;
  }
  refuse("an answer without a length");
  return 0;
}

static void take(Wire *w) {
  Connection *c = (Connection *)w;
  int length = answer_length(w);
  if (length == 0) return;
  if (c->started_ns == 0) refuse("an answer to nothing");
  if (memcmp(w->in, "HTTP/1.1 200", 12) == 0) answered++;
  else failed++;
  count_us(histogram, now_ns() - c->started_ns);
  c->started_ns = 0;
  busy--;
  drop_front(w, length);
}

/* Begins what has become due on the connections that are free; the number of the one that is next. */
static int begin_due(int turn, uint64_t now) {
  while (busy < connections && next_due(&pace) <= now) {
    while (all[turn]->started_ns != 0) turn = (turn + 1) % connections;
    count_us(lateness, now - next_due(&pace));
    begin_call(all[turn], next_due(&pace));
    pace.begun++;
    turn = (turn + 1) % connections;
  }
  return turn;
}

int main(int count, char **arguments) {
  if (count < 6) refuse("usage: http1load PORT HOST CONNECTIONS SECONDS RATE");
  connections = atoi(arguments[3]);
  double rate = atof(arguments[5]);
  if (connections < 1 || rate <= 0) refuse("a number out of range");
  request_length = snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", arguments[2]);
  prctl(PR_SET_TIMERSLACK, 1);
  poll_fd = epoll_create1(0);
  all = calloc((size_t)connections, sizeof *all);
  for (int i = 0; i < connections; i++) {
    if (!(all[i] = calloc(1, sizeof **all))) die("memory");
    dial(&all[i]->wire, atoi(arguments[1]));
  }
  pace = (Pace){.begin_ns = now_ns(), .per_burst = rate * BURST_NS / 1e9};
  uint64_t now = pace.begin_ns, end = now + (uint64_t)(atof(arguments[4]) * 1e9);
  struct epoll_event events[256];
  for (int turn = 0; now < end; now = now_ns()) {
    int ready = wait_for(events, 256, &pace, busy < connections);
    for (int i = 0; i < ready; i++) {
      serve(events[i].data.ptr, events[i].events);
      if (((Wire *)events[i].data.ptr)->closed) refuse("the proxy closed a connection");
    }
    turn = begin_due(turn, now_ns());
  }
  report((double)(now - pace.begin_ns) / 1e9);
  return 0;
}
