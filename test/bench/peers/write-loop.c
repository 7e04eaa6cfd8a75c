/*
 * The guest's writes applied to a bitmap: argv[1] writes in the mean at 1,000,000 per second, argv[2..13] the
 * states of the three generators; check = bits set. See cases/write-loop.mjs.
 *
 * Exponential gaps by the ziggurat of Marsaglia and Tsang (2000), 256 layers, one 32-bit word a draw.
 */
#include "heap.h"

#define LAYERS 256
static const double TAIL = 7.69711747013105, AREA = 0.003949659822581572, SCALE = 16777216.0;
static double accept_below[LAYERS], width[LAYERS], height[LAYERS];

static void build(void) {
  const double q = AREA / exp(-TAIL);
  double x = TAIL, below = TAIL;
  accept_below[0] = (x / q) * SCALE;
  accept_below[1] = 0;
  width[0] = q / SCALE;
  width[LAYERS - 1] = x / SCALE;
  height[0] = 1;
  height[LAYERS - 1] = exp(-x);
  for (int i = LAYERS - 2; i >= 1; i--) {
    x = -log(AREA / x + exp(-x));
    accept_below[i + 1] = (x / below) * SCALE;
    below = x;
    height[i] = exp(-x);
    width[i] = x / SCALE;
  }
}

static double uniform53(rng *r) {
  const double high = next32(r) * 2097152.0;
  return (high + (next32(r) >> 11)) / 9007199254740992.0;
}

static double beyond(uint32_t layer, uint32_t place, rng *rare);

static inline double gap(rng *words, rng *rare) {
  const uint32_t word = next32(words);
  const uint32_t layer = word & (LAYERS - 1), place = word >> 8;
  return place < accept_below[layer] ? place * width[layer] : beyond(layer, place, rare);
}

static double beyond(uint32_t layer, uint32_t place, rng *rare) {
  if (layer == 0) return TAIL - log(1 - uniform53(rare));
  const double x = place * width[layer];
  const double y = height[layer] + uniform53(rare) * (height[layer - 1] - height[layer]);
  return y < exp(-x) ? x : gap(rare, rare);
}

enum { BITS_LOG = 28, CHUNK_LOG = 19, CHUNKS = 1 << (BITS_LOG - CHUNK_LOG) };

int main(int argc, char **argv) {
  const double until = (argc > 1 ? atof(argv[1]) : 1e6) / 1e6 * 1e9, mean = 1e9 / 1e6;
  rng arrivals = {{1, 2, 3, 4}}, rare = {{9, 10, 11, 12}}, addresses = {{5, 6, 7, 8}};
  for (int i = 0; i < 4 && argc > 13; i++) {
    arrivals.s[i] = strtoul(argv[2 + i], 0, 10);
    rare.s[i] = strtoul(argv[6 + i], 0, 10);
    addresses.s[i] = strtoul(argv[10 + i], 0, 10);
  }
  build();
  uint32_t *words = calloc(1u << (BITS_LOG - 5), sizeof *words);
  static uint32_t set_count[CHUNKS], queue[CHUNKS];
  static uint8_t stale[CHUNKS];
  static double since[CHUNKS];
  uint64_t writes = 0, touches = 0;
  double bytes = 0;
  int staled = 0;
  const double start = seconds();
  for (double t = gap(&arrivals, &rare) * mean; t <= until; t += gap(&arrivals, &rare) * mean) {
    /* 2^32 blocks of 4 KiB: a word is a block, its upper 28 bits the granule. */
    const uint32_t granule = next32(&addresses) >> (32 - BITS_LOG);
    const uint32_t bit = 1u << (granule & 31);
    writes++;
    bytes += 4096;
    if (!(words[granule >> 5] & bit)) {
      words[granule >> 5] |= bit;
      touches++;
      const uint32_t chunk = granule >> CHUNK_LOG;
      set_count[chunk]++;
      if (!stale[chunk]) {
        stale[chunk] = 1;
        since[chunk] = ceil(t);
        queue[staled++] = chunk;
      }
    }
  }
  report(seconds() - start, touches);
  /* Nothing above may be left out as unused. */
  return writes + bytes + since[0] + queue[0] < 0;
}
