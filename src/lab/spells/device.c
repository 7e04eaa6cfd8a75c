/*
 * An nbdkit filter: a device of one channel with slow spells of a known law, for `stopgap measure --spells`.
 *
 *   request-us, flush-us   what a request, and a flush, takes alone at the mean speed, whatever its size
 *   level-spread           standard deviation of the logarithm of a level that holds until the next draw (its mean is 1)
 *   slow-factor            how many times as long work lasts in a slow spell as in a fast one
 *   slow-ms, fast-ms       mean durations of the spells, exponential; 0: none
 *   seed                   of the draws
 *
 * Requests in flight share the device evenly. Over a long time as much gets done as at the mean speed.
 *
 * A connection to an export of one of these names sets how the device works from then on, for everybody: `rest` (nothing
 * takes time, as it begins), `plain` (always the mean speed), `spells` (level and first spell are drawn anew).
 *
 * This is a law of its own, not the simulator's code: the two must agree without having a line in common.
 */
#define NBDKIT_API_VERSION 2
#include <nbdkit-filter.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define IN_FLIGHT_MAX 1024

static double request_ns, flush_ns, level_spread, slow_factor = 1, slow_ns, fast_ns;
static unsigned short seed[3];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static enum { REST, PLAIN, SPELLS } mode;
/* Counts changes of the mode: requests from before one are let go. */
static unsigned turn;

/* The state of the device at `clock_ns`; `served` is the work that each request in flight has had since the beginning. */
static double clock_ns, served, level, spell_ends_ns;
static int slow;
static double due[IN_FLIGHT_MAX]; /* `served` at which each request in flight is done */
static int in_flight;

static double now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Uniform in (0, 1]. */
static double uniform (void) { return 1 - erand48 (seed); }
static double exponential (double mean) { return -mean * log (uniform ()); }
static double normal (void) { return sqrt (-2 * log (uniform ())) * cos (2 * M_PI * uniform ()); }

static int alternates (void) { return mode == SPELLS && slow_factor > 1 && slow_ns > 0 && fast_ns > 0; }
static double slow_share (void) { return slow_ns / (slow_ns + fast_ns); }

/* How much longer work lasts now than at the mean speed. */
static double stretch (void)
{
  double fast = alternates () ? 1 - slow_share () + slow_share () / slow_factor : 1;
  return (mode == SPELLS ? level : 1) * fast * (alternates () && slow ? slow_factor : 1);
}

static double until_end_of_spell (void) { return alternates () ? spell_ends_ns : INFINITY; }

static void begin (void)
{
  turn++;
  in_flight = 0;
  clock_ns = now ();
  level = level_spread > 0 ? exp (level_spread * normal () - level_spread * level_spread / 2) : 1;
  if (alternates ()) {
    slow = uniform () <= slow_share ();
    spell_ends_ns = clock_ns + exponential (slow ? slow_ns : fast_ns);
  }
}

static double least_due (void)
{
  double least = INFINITY;
  for (int i = 0; i < in_flight; i++) least = fmin (least, due[i]);
  return least;
}

static void remove_served (void)
{
  int kept = 0;
  for (int i = 0; i < in_flight; i++)
    if (due[i] > served) due[kept++] = due[i];
  in_flight = kept;
}

/* Serves what is in flight up to a moment. */
static void advance (double to_ns)
{
  while (clock_ns < to_ns) {
    while (until_end_of_spell () <= clock_ns) {
      slow = !slow;
      spell_ends_ns += exponential (slow ? slow_ns : fast_ns);
    }
    double next_ns = fmin (to_ns, until_end_of_spell ());
    if (in_flight > 0) {
      double ns_of_work = stretch () * in_flight;
      double least = least_due ();
      double done_ns = clock_ns + (least - served) * ns_of_work;
      if (done_ns <= next_ns) {
        served = least;
        remove_served ();
        next_ns = fmax (done_ns, clock_ns);
      }
      else
        served += (next_ns - clock_ns) / ns_of_work;
    }
    clock_ns = next_ns;
  }
}

static void sleep_until (double ns)
{
  struct timespec t = { (time_t) (ns / 1e9), (long) fmod (ns, 1e9) };
  prctl (PR_SET_TIMERSLACK, 1);
  pthread_cond_timedwait (&changed, &lock, &t);
}

/* Holds the calling request as long as this much work takes on the device. */
static void serve (double work_ns)
{
  pthread_mutex_lock (&lock);
  if (mode != REST && work_ns > 0 && in_flight < IN_FLIGHT_MAX) {
    unsigned mine = turn;
    advance (now ());
    double end = served + work_ns;
    due[in_flight++] = end;
    pthread_cond_broadcast (&changed);
    while (turn == mine && served < end) {
      double left_ns = (end - served) * stretch () * in_flight;
      sleep_until (fmin (clock_ns + left_ns, until_end_of_spell ()));
      if (turn == mine) advance (now ());
    }
    pthread_cond_broadcast (&changed);
  }
  pthread_mutex_unlock (&lock);
}

static void device_load (void)
{
  pthread_condattr_t attributes;
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&changed, &attributes);
}

static int device_config (nbdkit_next_config *next, nbdkit_backend *nxdata, const char *key, const char *value)
{
  double number = strtod (value, NULL);
  if (!strcmp (key, "request-us")) request_ns = number * 1e3;
  else if (!strcmp (key, "flush-us")) flush_ns = number * 1e3;
  else if (!strcmp (key, "level-spread")) level_spread = number;
  else if (!strcmp (key, "slow-factor")) slow_factor = number;
  else if (!strcmp (key, "slow-ms")) slow_ns = number * 1e6;
  else if (!strcmp (key, "fast-ms")) fast_ns = number * 1e6;
  else if (!strcmp (key, "seed")) {
    uint64_t bits = strtoull (value, NULL, 10) * 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 3; i++) seed[i] = bits >> (16 * (i + 1));
  }
  else return next (nxdata, key, value);
  return 0;
}

static void *device_open (nbdkit_next_open *next, nbdkit_context *nxdata, int readonly, const char *name, int is_tls)
{
  static const char *const modes[] = { "rest", "plain", "spells" };
  for (int i = 0; i < 3; i++)
    if (!strcmp (name, modes[i])) {
      pthread_mutex_lock (&lock);
      mode = i;
      begin ();
      pthread_cond_broadcast (&changed);
      pthread_mutex_unlock (&lock);
    }
  (void) is_tls;
  return next (nxdata, readonly, name) == -1 ? NULL : NBDKIT_HANDLE_NOT_NEEDED;
}

static int device_pread (nbdkit_next *next, void *h, void *buf, uint32_t n, uint64_t at, uint32_t flags, int *err)
{
  serve (request_ns);
  return next->pread (next, buf, n, at, flags, err);
}

static int device_pwrite (nbdkit_next *next, void *h, const void *buf, uint32_t n, uint64_t at, uint32_t flags, int *err)
{
  serve (request_ns + (flags & NBDKIT_FLAG_FUA ? flush_ns : 0));
  return next->pwrite (next, buf, n, at, flags, err);
}

static int device_flush (nbdkit_next *next, void *h, uint32_t flags, int *err)
{
  serve (flush_ns);
  return next->flush (next, flags, err);
}

static int device_trim (nbdkit_next *next, void *h, uint32_t n, uint64_t at, uint32_t flags, int *err)
{
  serve (request_ns);
  return next->trim (next, n, at, flags, err);
}

static int device_zero (nbdkit_next *next, void *h, uint32_t n, uint64_t at, uint32_t flags, int *err)
{
  serve (request_ns);
  return next->zero (next, n, at, flags, err);
}

static struct nbdkit_filter filter = {
  .name = "spells", .longname = "device with slow spells of a known law",
  .load = device_load, .config = device_config, .open = device_open,
  .pread = device_pread, .pwrite = device_pwrite, .flush = device_flush, .trim = device_trim, .zero = device_zero,
};
NBDKIT_REGISTER_FILTER (filter)
