/*
 * HTTP/2 (RFC 9113) as far as the load tools need it.
 *
 *   0..2    3     4      5..8    9
 *   length  type  flags  stream  payload
 */
#include "wire.h"

enum { FRAME_HEAD = 9, MAX_PAYLOAD = 16384 };
enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, WINDOW_UPDATE = 8 };
enum { END_STREAM = 0x1, ACK = 0x1, END_HEADERS = 0x4, PADDED = 0x8, PRIORITY = 0x20 };
enum { SETTING_TABLE = 1, SETTING_STREAMS = 3, SETTING_WINDOW = 4, SETTING_BYTES = 6 };

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define HUGE_WINDOW 0x40000000

typedef struct {
  int length;
  int type;
  int flags;
  uint32_t stream;
  const uint8_t *payload;
} Frame;

static uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v) {
  p[0] = (uint8_t)(v >> 24);
  p[1] = (uint8_t)(v >> 16);
  p[2] = (uint8_t)(v >> 8);
  p[3] = (uint8_t)v;
}

static void write_head(uint8_t *p, int length, int type, int flags, uint32_t stream) {
  p[0] = (uint8_t)(length >> 16);
  p[1] = (uint8_t)(length >> 8);
  p[2] = (uint8_t)length;
  p[3] = (uint8_t)type;
  p[4] = (uint8_t)flags;
  put32(p + 5, stream);
}

/* A whole frame into the buffer of a connection; where its payload goes. */
static uint8_t *put_frame(Wire *w, int length, int type, int flags, uint32_t stream) {
  uint8_t *p = room(w, FRAME_HEAD + length);
  write_head(p, length, type, flags, stream);
  return p + FRAME_HEAD;
}

static void put_window(Wire *w, uint32_t bytes) { put32(put_frame(w, 4, WINDOW_UPDATE, 0, 0), bytes); }

static void put_setting(uint8_t *p, int name, uint32_t value) {
  p[0] = 0;
  p[1] = (uint8_t)name;
  put32(p + 2, value);
}

/* The frame at a place of what was read; 0 when it has not come whole. */
static int read_frame(const Wire *w, int at, Frame *f) {
  const uint8_t *p = w->in + at;
  if (w->in_length - at < FRAME_HEAD) return 0;
  f->length = p[0] << 16 | p[1] << 8 | p[2];
  f->type = p[3];
  f->flags = p[4];
  f->stream = get32(p + 5) & 0x7fffffff;
  f->payload = p + FRAME_HEAD;
  if (f->length > MAX_PAYLOAD) refuse("a frame too long");
  return w->in_length - at >= FRAME_HEAD + f->length;
}

/* What both sides answer alike: PING with its own bytes, SETTINGS with none. */
static void acknowledge(Wire *w, const Frame *f) {
  if (f->flags & ACK) return;
  if (f->type == PING) memcpy(put_frame(w, 8, PING, ACK, 0), f->payload, 8);
  if (f->type == SETTINGS) put_frame(w, 0, SETTINGS, ACK, 0);
}

/* A setting among those of a frame, or what it is otherwise. */
static uint32_t setting(const Frame *f, int name, uint32_t otherwise) {
  for (int at = 0; at + SETTING_BYTES <= f->length; at += SETTING_BYTES)
    if (f->payload[at] == 0 && f->payload[at + 1] == name) return get32(f->payload + at + 2);
  return otherwise;
}
