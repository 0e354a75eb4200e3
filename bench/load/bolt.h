/*
 * Bolt version 1 as far as the load generator and its upstream need it. Numbers are big-endian.
 *
 *  request   0      1     2..3  4     5..8  9      10..13   14..15   16..17     18..21
 *            proto  type  code  ver2  id    codec  timeout  classLen headerLen  contentLen  class, headers, content
 *  response  0      1     2..3  4     5..8  9      10..11   12..13   14..15     16..19
 *            proto  type  code  ver2  id    codec  status   classLen headerLen  contentLen  class, headers, content
 */
#include <stdint.h>
#include <string.h>

enum { REQUEST_FIXED = 22, RESPONSE_FIXED = 20, ID_AT = 5, STATUS_AT = 10 };
enum { TYPE_RESPONSE = 0, TYPE_REQUEST = 1 };
enum { CODE_HEARTBEAT = 0, CODE_REQUEST = 1, CODE_RESPONSE = 2 };
enum { CODEC_HESSIAN = 1 };

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static inline uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void put16(uint8_t *p, uint16_t v) {
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v) {
  put16(p, (uint16_t)(v >> 16));
  put16(p + 2, (uint16_t)v);
}

/* Bytes of the class name, headers and content, by where their three lengths stand. */
static inline int body_length(const uint8_t *lengths) {
  return get16(lengths) + get16(lengths + 2) + (int)get32(lengths + 4);
}
