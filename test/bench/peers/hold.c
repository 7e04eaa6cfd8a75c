/* The hold model: argv[2] events always pending, argv[1] times the head is taken and put back later.
 * check = the time reached in ns. See cases/hold.mjs. */
#include "heap.h"

int main(int argc, char **argv) {
  const int64_t holds = argc > 1 ? atoll(argv[1]) : 1000000;
  const int64_t pending = argc > 2 ? atoll(argv[2]) : 1000;
  rng delays = {{1, 2, 3, 4}};
  heap h = {0};
  for (int64_t i = 0; i < pending; i++) push(&h, exponential_ns(&delays, 1e9), 0);
  int64_t now = 0;
  const double start = seconds();
  for (int64_t i = 0; i < holds; i++) {
    event e = pop(&h);
    now = e.time;
    push(&h, now + exponential_ns(&delays, 1e9), e.kind);
  }
  report(seconds() - start, (double)now);
  return 0;
}
