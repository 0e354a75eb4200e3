/*
 * HPACK (RFC 7541) as a client writes it that knows which fields repeat: fields that never change are inserted into the
 * dynamic table and named by their index until others have pushed them out; cookies are inserted, paths are not.
 */

#define ENTRY_OVERHEAD 32
#define STATIC_ENTRIES 61
enum { AUTHORITY = 1, PATH = 4, COOKIE = 32, USER_AGENT = 58 }; /* of the static table */
enum { INDEXED = 0x80, INSERT = 0x40, RESIZE = 0x20, PASSING = 0x00 };

/* Huffman codes (appendix B) of 012aceiost, five bits each, and of 3456789bdfghlmnrup-._A, six. */
static const uint8_t codes[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x19,
                                0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x23, 0x24, 0x25, 0x26, 0x27,
                                0x28, 0x29, 0x2a, 0x2c, 0x2d, 0x2b, 0x16, 0x17, 0x22, 0x21};
#define SLASH_CODE 0x18

/* The other side's table as far as we must know it. */
typedef struct {
  uint32_t capacity;
  int resized;
  uint64_t inserts, inserted_bytes;
} Table;

/* A field that is the same in every request, and when it went into the table; 0: never. */
typedef struct {
  int name;
  const char *value;
  int name_length;
  uint64_t insert, bytes_then;
} Repeated;

static uint64_t random_state = 88172645463325252u;

static uint64_t random_bits(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}

/* An integer behind the pattern of its first byte (section 5.1). */
static uint8_t *put_integer(uint8_t *p, int pattern, int bits, uint64_t value) {
  uint64_t most = (1u << bits) - 1;
  if (value < most) {
    *p++ = (uint8_t)(pattern | (int)value);
    return p;
  }
  *p++ = (uint8_t)(pattern | (int)most);
  for (value -= most; value >= 128; value >>= 7) *p++ = (uint8_t)(value | 128);
  *p++ = (uint8_t)value;
  return p;
}

static void inserted(Table *t, int name_length, int value_length) {
  t->inserts++;
  t->inserted_bytes += (uint64_t)(name_length + value_length + ENTRY_OVERHEAD);
}

/* A value nobody has seen before, in Huffman's code; a path begins with a slash. */
static uint8_t *put_random(uint8_t *p, int length, int is_path) {
  uint8_t text[512], *end = text;
  uint64_t pool = 0, bits = 0;
  int held = 0;
  for (int i = 0; i < length; i++, bits >>= 5) {
    if (i % 12 == 0) bits = random_bits();
    int which = (int)(bits & 31), slash = is_path && i == 0;
    int size = !slash && which < 10 ? 5 : 6;
    pool = pool << size | (slash ? SLASH_CODE : codes[which]);
    for (held += size; held >= 8; held -= 8) *end++ = (uint8_t)(pool >> (held - 8));
  }
  if (held > 0) *end++ = (uint8_t)(pool << (8 - held) | (0xffu >> held));
  p = put_integer(p, 0x80, 7, (uint64_t)(end - text));
  memcpy(p, text, (size_t)(end - text));
  return p + (end - text);
}

static uint8_t *put_repeated(uint8_t *p, Table *t, Repeated *f) {
  if (f->insert > 0 && t->inserted_bytes - f->bytes_then <= t->capacity)
    return put_integer(p, INDEXED, 7, STATIC_ENTRIES + 1 + t->inserts - f->insert);
  int length = (int)strlen(f->value);
  f->bytes_then = t->inserted_bytes;
  inserted(t, f->name_length, length);
  f->insert = t->inserts;
  p = put_integer(p, INSERT, 6, (uint64_t)f->name);
  p = put_integer(p, 0, 7, (uint64_t)length);
  memcpy(p, f->value, (size_t)length);
  return p + length;
}

/* What the other side allows; less than it was must be said before anything else. */
static void resize(Table *t, uint32_t allowed) {
  if (allowed >= t->capacity) return;
  t->capacity = allowed;
  t->resized = 1;
}

static uint8_t *put_resize(uint8_t *p, Table *t) {
  if (!t->resized) return p;
  t->resized = 0;
  return put_integer(p, RESIZE, 5, t->capacity);
}

/* Where the first field of a block stands, behind what is said about the table. */
static const uint8_t *first_field(const uint8_t *p, const uint8_t *end) {
  while (p < end && (*p & 0xe0) == RESIZE)
    if ((*p++ & 0x1f) == 0x1f) while (p < end && *p++ & 0x80) {}
  return p;
}
