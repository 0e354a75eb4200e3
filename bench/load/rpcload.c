/*
 * A closed-loop generator of RPC calls in any protocol that has ids: one thread, epoll, a fixed number of calls in
 * flight on every connection, each a copy of one frame under an id of its own. It costs a fraction of what a proxy
 * costs, so that the proxy is what is measured.
 *
 *   rpcload PORT CONNECTIONS IN_FLIGHT SECONDS REQUEST ID_AT LENGTHS ANSWER_ID_AT GOOD_AT GOOD
 *
 * REQUEST is a file with the frame, LENGTHS the rule of answers (frames.h); an answer is good when its byte at GOOD_AT
 * is GOOD. Prints one line of JSON: answered and failed calls, calls a second, latencies in milliseconds.
 */
#include "wire.h"
#include "frames.h"
#include "pace.h"

/* The low bits of an id are the slot of its call, so an answer finds its call without a search. */
#define SLOT_BITS 8
#define MAX_IN_FLIGHT (1 << SLOT_BITS)
/* Ids stay below 2^31: some protocols read them as signed. */
#define TURNS_MASK 0x7fffff

typedef struct {
  uint32_t id;
  uint64_t started_ns;
} Slot;

typedef struct {
  Wire wire;
  Slot slots[MAX_IN_FLIGHT];
} Connection;

static uint8_t *request;
static int request_length, id_at, answer_id_at, good_at, good, in_flight;
static Rule lengths;
static uint32_t turns;

static void call(Connection *c, int slot, uint64_t now) {
  turns = turns == TURNS_MASK ? 1 : turns + 1;
  uint32_t id = turns << SLOT_BITS | (uint32_t)slot;
  uint8_t *frame = room(&c->wire, request_length);
  memcpy(frame, request, (size_t)request_length);
  put32(frame + id_at, id);
  c->slots[slot] = (Slot){.id = id, .started_ns = now};
}

/* Counts one answer and puts the next call in its place. */
static void take_answer(Connection *c, const uint8_t *frame, uint64_t now) {
  uint32_t id = get_number(frame + answer_id_at, 4);
  int slot = (int)(id & (MAX_IN_FLIGHT - 1));
  if (slot >= in_flight || c->slots[slot].id != id) refuse("an answer with an unknown id");
  if (frame[good_at] == good) answered++;
  else failed++;
  count_us(histogram, now - c->slots[slot].started_ns);
  call(c, slot, now);
}

static void take(Wire *w) {
  uint64_t now = now_ns();
  int at = 0, length;
  while ((length = whole_frame(&lengths, w, at)) > 0) {
    take_answer((Connection *)w, w->in + at, now);
    at += length;
  }
  drop_front(w, at);
}

int main(int count, char **arguments) {
  if (count < 11)
    refuse("usage: rpcload PORT CONNECTIONS IN_FLIGHT SECONDS REQUEST ID_AT LENGTHS ANSWER_ID_AT GOOD_AT GOOD");
  int connections = atoi(arguments[2]);
  in_flight = atoi(arguments[3]);
  if (connections < 1 || in_flight < 1 || in_flight > MAX_IN_FLIGHT) refuse("a number out of range");
  request = read_frame(arguments[5], &request_length);
  id_at = atoi(arguments[6]);
  lengths = read_rule(arguments[7]);
  answer_id_at = atoi(arguments[8]);
  good_at = atoi(arguments[9]);
  good = atoi(arguments[10]);
  poll_fd = epoll_create1(0);
  Connection **all = calloc((size_t)connections, sizeof *all);
  if (!all) die("memory");
  for (int i = 0; i < connections; i++) {
    if (!(all[i] = calloc(1, sizeof **all))) die("memory");
    dial(&all[i]->wire, atoi(arguments[1]));
  }
  uint64_t begin = now_ns(), now = begin, end = begin + (uint64_t)(atof(arguments[4]) * 1e9);
  for (int i = 0; i < connections; i++) {
    for (int slot = 0; slot < in_flight; slot++) call(all[i], slot, begin);
    flush_out(&all[i]->wire);
  }
  struct epoll_event events[256];
  for (; now < end; now = now_ns()) {
    int ready = epoll_wait(poll_fd, events, 256, 100);
    for (int i = 0; i < ready; i++) {
      serve(events[i].data.ptr, events[i].events);
      if (((Wire *)events[i].data.ptr)->closed) refuse("the proxy closed a connection");
    }
  }
  report((double)(now - begin) / 1e9);
  return 0;
}
