/*
 * An HTTP/2 load generator without TLS: one thread, epoll. Without a rate every connection has so many streams in
 * flight at all times; with one, calls begin by the clock. `fresh` gives every request a path of 60 characters and a
 * cookie of 200 that were never sent before; `same` repeats one request.
 *
 *   http2load PORT AUTHORITY CONNECTIONS IN_FLIGHT SECONDS RATE fresh|same
 *
 * Prints one line of JSON: answered and failed calls, calls a second, latencies in milliseconds.
 */
#include "http2.h"
#include "hpack.h"
#include "pace.h"

#define SLOTS 4096
#define MAX_BLOCK 1024
#define PATH_LENGTH 60
#define COOKIE_LENGTH 200
#define STATUS_200 0x88 /* entry 8 of the static table; no encoder writes it in another way */

typedef struct {
  uint32_t stream;
  int well; /* its head has come and says 200 */
  uint64_t started_ns;
} Call;

typedef struct {
  Wire wire;
  Table table;
  Repeated repeated[2];
  uint32_t next_stream;
  uint32_t unread_window;
  int in_flight;
  Call calls[SLOTS]; /* by the low bits of the stream */
} Connection;

static Pace pace;
static Connection **all;
static int connections, most_in_flight, fresh;

static Call *call_of(Connection *c, uint32_t stream) { return &c->calls[(stream >> 1) % SLOTS]; }

static uint8_t *put_block(Connection *c, uint8_t *p) {
  p = put_resize(p, &c->table);
  *p++ = 0x82; /* :method GET */
  *p++ = 0x86; /* :scheme http */
  if (fresh) {
    p = put_integer(p, PASSING, 4, PATH);
    p = put_random(p, PATH_LENGTH, 1);
  } else {
    *p++ = 0x84; /* :path / */
  }
  for (int i = 0; i < 2; i++) p = put_repeated(p, &c->table, &c->repeated[i]);
  if (!fresh) return p;
  inserted(&c->table, (int)strlen("cookie"), COOKIE_LENGTH);
  p = put_integer(p, INSERT, 6, COOKIE);
  return put_random(p, COOKIE_LENGTH, 0);
}

static void begin_call(Connection *c, uint64_t now) {
  uint8_t block[MAX_BLOCK];
  int length = (int)(put_block(c, block) - block);
  uint32_t stream = c->next_stream;
  Call *call = call_of(c, stream);
  if (call->stream != 0) refuse("a call has been left behind by thousands of others");
  *call = (Call){.stream = stream, .started_ns = now};
  c->next_stream += 2;
  c->in_flight++;
  memcpy(put_frame(&c->wire, length, HEADERS, END_STREAM | END_HEADERS, stream), block, (size_t)length);
}

static void end_call(Connection *c, Call *call, int well) {
  uint64_t now = now_ns();
  if (well) answered++;
  else failed++;
  count_us(histogram, now - call->started_ns);
  call->stream = 0;
  c->in_flight--;
  if (pace.per_burst == 0) begin_call(c, now);
}

/* Whether a head says 200. */
static int says_200(const Frame *f) {
  const uint8_t *p = f->payload, *end = p + f->length;
  if (f->flags & PADDED) p++;
  if (f->flags & PRIORITY) p += 5;
  p = first_field(p, end);
  return p < end && *p == STATUS_200;
}

static void take_settings(Connection *c, const Frame *f) {
  if (!(f->flags & ACK)) {
    resize(&c->table, setting(f, SETTING_TABLE, c->table.capacity));
    if (setting(f, SETTING_STREAMS, ~0u) < (uint32_t)most_in_flight) refuse("too few streams allowed");
  }
  acknowledge(&c->wire, f);
}

static void take_frame(Connection *c, const Frame *f) {
  if (f->type == SETTINGS) return take_settings(c, f);
  if (f->type == PING) return acknowledge(&c->wire, f);
  if (f->type == GOAWAY) refuse("the proxy said goodbye");
  if (f->type == DATA && (c->unread_window += (uint32_t)f->length) > HUGE_WINDOW / 2) {
    put_window(&c->wire, c->unread_window);
    c->unread_window = 0;
  }
  if (f->type != DATA && f->type != HEADERS && f->type != RST_STREAM) return;
  Call *call = call_of(c, f->stream);
  if (call->stream != f->stream) return; /* a reset of what has ended */
  if (f->type == HEADERS && !call->well) call->well = says_200(f);
  if (f->type == RST_STREAM) end_call(c, call, 0);
  else if (f->flags & END_STREAM) end_call(c, call, call->well);
}

static void take(Wire *w) {
  Connection *c = (Connection *)w;
  int at = 0;
  Frame f;
  for (; read_frame(w, at, &f); at += FRAME_HEAD + f.length) take_frame(c, &f);
  drop_front(w, at);
}

static Connection *open_connection(int port, const char *authority) {
  Connection *c = calloc(1, sizeof *c);
  if (!c) die("memory");
  c->next_stream = 1;
  c->table.capacity = 4096;
  c->repeated[0] = (Repeated){.name = AUTHORITY, .value = authority, .name_length = 10};
  c->repeated[1] = (Repeated){.name = USER_AGENT, .value = "bench/1", .name_length = 10};
  dial(&c->wire, port);
  memcpy(room(&c->wire, sizeof PREFACE - 1), PREFACE, sizeof PREFACE - 1);
  put_setting(put_frame(&c->wire, SETTING_BYTES, SETTINGS, 0, 0), SETTING_WINDOW, HUGE_WINDOW);
  put_window(&c->wire, HUGE_WINDOW);
  return c;
}

/* Begins what has become due; the number of the connection that is next. */
static int begin_due(int turn, uint64_t now) {
  for (int full = 0; full < connections; full++, turn = (turn + 1) % connections) {
    Connection *c = all[turn];
    while (next_due(&pace) <= now && c->in_flight < most_in_flight) {
      uint64_t due = next_due(&pace);
      count_us(lateness, now - due);
      begin_call(c, due);
      pace.begun++;
    }
    flush_out(&c->wire);
    if (next_due(&pace) > now) return (turn + 1) % connections;
  }
  return turn;
}

static int has_room(void) {
  for (int i = 0; i < connections; i++)
    if (all[i]->in_flight < most_in_flight) return 1;
  return 0;
}

int main(int count, char **arguments) {
  if (count < 8) refuse("usage: http2load PORT AUTHORITY CONNECTIONS IN_FLIGHT SECONDS RATE fresh|same");
  connections = atoi(arguments[3]);
  most_in_flight = atoi(arguments[4]);
  fresh = strcmp(arguments[7], "fresh") == 0;
  if (connections < 1 || most_in_flight < 1 || most_in_flight > SLOTS / 16) refuse("a number out of range");
  random_state ^= now_ns();
  prctl(PR_SET_TIMERSLACK, 1);
  poll_fd = epoll_create1(0);
  all = calloc((size_t)connections, sizeof *all);
  for (int i = 0; i < connections; i++) all[i] = open_connection(atoi(arguments[1]), arguments[2]);

  pace = (Pace){.begin_ns = now_ns(), .per_burst = atof(arguments[6]) * BURST_NS / 1e9};
  uint64_t now = pace.begin_ns, end = now + (uint64_t)(atof(arguments[5]) * 1e9);
  for (int i = 0; i < connections; i++) {
    for (int n = 0; n < most_in_flight && pace.per_burst == 0; n++) begin_call(all[i], now);
    flush_out(&all[i]->wire);
  }
  struct epoll_event events[256];
  for (int turn = 0; now < end; now = now_ns()) {
    int ready = wait_for(events, 256, &pace, has_room());
    for (int i = 0; i < ready; i++) {
      serve(events[i].data.ptr, events[i].events);
      if (((Wire *)events[i].data.ptr)->closed) refuse("the proxy closed a connection");
    }
    if (pace.per_burst > 0) turn = begin_due(turn, now_ns());
  }
  report((double)(now - pace.begin_ns) / 1e9);
  return 0;
}
