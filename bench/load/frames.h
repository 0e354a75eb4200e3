/*
 * Frames of any protocol that has ids, as far as a load tool must understand them: how long a frame is, and where its
 * id stands. Ids are 4 bytes, big-endian; of a wider one the lower 4.
 *
 * A rule of lengths is a text: the bytes that every frame has, then what else there is, each length by its place and
 * its width. `+` stands before a place that lies as far behind as the lengths before it say.
 *
 *   "16 12/4"          16 bytes, and those that the 4 bytes at 12 count
 *   "22 14/2 16/2 18/4"   three parts, one behind the other, whose lengths stand together
 *   "21 13/4 +17/4"       a second length behind the part that the first one counts
 *   "0 0/4"               the length counts itself
 */
#define MAX_LENGTHS 4

typedef struct {
  int at, width, behind;
} Length;

typedef struct {
  int base, count;
  Length lengths[MAX_LENGTHS];
} Rule;

static uint32_t get_number(const uint8_t *p, int width) {
  uint32_t value = 0;
  for (int i = 0; i < width; i++) value = value << 8 | p[i];
  return value;
}

static void put32(uint8_t *p, uint32_t value) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(value >> (24 - 8 * i));
}

static Rule read_rule(const char *text) {
  Rule rule = {0};
  char *at;
  rule.base = (int)strtol(text, &at, 10);
  while (*at == ' ') {
    if (rule.count == MAX_LENGTHS) refuse("a rule with too many lengths");
    Length *length = &rule.lengths[rule.count++];
    at++;
    length->behind = *at == '+';
    length->at = (int)strtol(at + length->behind, &at, 10);
    if (*at++ != '/') refuse("a length without a width");
    length->width = (int)strtol(at, &at, 10);
    if (length->width < 1 || length->width > 4) refuse("a length of a strange width");
  }
  if (*at != 0) refuse("a rule that cannot be read");
  return rule;
}

/* Bytes of the whole frame at the front; 0 while its lengths have not come. */
static int frame_length(const Rule *rule, const uint8_t *frame, int have) {
  uint32_t behind = 0;
  for (int i = 0; i < rule->count; i++) {
    const Length *length = &rule->lengths[i];
    int64_t at = length->at + (length->behind ? (int64_t)behind : 0);
    if (at + length->width > have) return 0;
    behind += get_number(frame + at, length->width);
    if (behind > READ_SIZE) refuse("a frame longer than can be read");
  }
  return rule->base + (int)behind;
}

/* Bytes of the whole frame at `at` of what was read; 0 while some are missing. */
static int whole_frame(const Rule *rule, const Wire *w, int at) {
  int have = w->in_length - at;
  int length = frame_length(rule, w->in + at, have);
  if (length > READ_SIZE) refuse("a frame longer than can be read");
  return length <= have ? length : 0;
}

/* A file's bytes; their number in `length`. */
static uint8_t *read_frame(const char *path, int *length) {
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = malloc(READ_SIZE);
  if (!file || !bytes) die(path);
  *length = (int)fread(bytes, 1, READ_SIZE, file);
  if (*length < 4 || *length == READ_SIZE) refuse("a file that is no frame");
  fclose(file);
  return bytes;
}
