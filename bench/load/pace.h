/*
 * When calls begin and how long they take, for load generators. With a rate, calls begin by the clock: every
 * BURST_NS those that have become due go out together, and a call counts from when it was due, sent or not. Without a rate the next call begins when one has been answered.
 */
#define BURST_NS 100000
#define HISTOGRAM_US 2000000

typedef struct {
  uint64_t begin_ns;
  double per_burst; /* 0 without a rate */
  uint64_t begun;
} Pace;

static uint32_t histogram[HISTOGRAM_US], lateness[HISTOGRAM_US]; /* calls by microseconds */
static uint64_t answered, failed;

static void count_us(uint32_t *where, uint64_t ns) {
  uint64_t us = ns / 1000;
  where[us < HISTOGRAM_US ? us : HISTOGRAM_US - 1]++;
}

static double quantile_ms(const uint32_t *of, double q) {
  uint64_t total = 0, seen = 0;
  for (int us = 0; us < HISTOGRAM_US; us++) total += of[us];
  for (int us = 0; us < HISTOGRAM_US; us++) {
    seen += of[us];
    if (seen > (uint64_t)(q * (double)total)) return us / 1000.0;
  }
  return 0;
}

/* When the next call is due. */
static uint64_t next_due(const Pace *p) {
  double burst = (double)(p->begun + 1) / p->per_burst;
  uint64_t whole = (uint64_t)burst;
  return p->begin_ns + (whole + (whole < burst)) * BURST_NS;
}

/* Waits for events until the next call is due, 10 ms at most. */
static int wait_for(struct epoll_event *events, int room_for, const Pace *p, int may_begin) {
  uint64_t now = now_ns(), until = now + 10000000;
  if (p->per_burst > 0 && may_begin && next_due(p) < until) until = next_due(p);
  struct timespec t = {.tv_nsec = until > now ? (long)(until - now) : 0};
  return epoll_pwait2(poll_fd, events, room_for, &t, NULL);
}

static void report(double seconds) {
  printf("{\"answered\":%lu,\"failed\":%lu,\"seconds\":%.3f,\"rps\":%.0f,\"p50\":%.3f,\"p99\":%.3f,\"late99\":%.3f}\n",
         (unsigned long)answered, (unsigned long)failed, seconds, (double)answered / seconds,
         quantile_ms(histogram, .5), quantile_ms(histogram, .99), quantile_ms(lateness, .99));
}
