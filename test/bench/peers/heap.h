/*
 * The peer kernel: a plain binary heap of (time, running number), as one would write it in C for one simulation.
 * Same generator (xoshiro128**, Blackman and Vigna, public domain), same draws and same rounding to whole
 * nanoseconds as ours, so that both sides do the same work event by event and must come to the same result.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
  int64_t time;
  uint64_t order;
  int kind;
} event;

typedef struct {
  event *at;
  size_t size, capacity;
  uint64_t pushes;
} heap;

static inline int before(const event *a, const event *b) {
  return a->time < b->time || (a->time == b->time && a->order < b->order);
}

static inline void push(heap *h, int64_t time, int kind) {
  if (h->size == h->capacity) {
    h->capacity = h->capacity ? h->capacity * 2 : 64;
    h->at = realloc(h->at, h->capacity * sizeof(event));
    if (!h->at) exit(1);
  }
  event e = {time, h->pushes++, kind};
  size_t i = h->size++;
  while (i > 0) {
    size_t parent = (i - 1) / 2;
    if (!before(&e, &h->at[parent])) break;
    h->at[i] = h->at[parent];
    i = parent;
  }
  h->at[i] = e;
}

static inline event pop(heap *h) {
  event head = h->at[0];
  event e = h->at[--h->size];
  size_t i = 0;
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= h->size) break;
    if (child + 1 < h->size && before(&h->at[child + 1], &h->at[child])) child++;
    if (!before(&h->at[child], &e)) break;
    h->at[i] = h->at[child];
    i = child;
  }
  if (h->size > 0) h->at[i] = e;
  return head;
}

typedef struct {
  uint32_t s[4];
} rng;

static inline uint32_t rotl(uint32_t x, int k) { return (x << k) | (x >> (32 - k)); }

static inline uint32_t next32(rng *r) {
  uint32_t *s = r->s;
  const uint32_t result = rotl(s[1] * 5, 7) * 9;
  const uint32_t t = s[1] << 9;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 11);
  return result;
}

/* Exponential of this mean, in whole nanoseconds. */
static inline int64_t exponential_ns(rng *r, double mean) {
  uint64_t high = next32(r);
  double u = (double)(high * 0x200000u + (next32(r) >> 11)) / 9007199254740992.0;
  return (int64_t)floor(-mean * log(1 - u) + 0.5);
}

static inline double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static inline void report(double elapsed, double check) {
  printf("{\"seconds\": %.9f, \"check\": %.17g}\n", elapsed, check);
}
