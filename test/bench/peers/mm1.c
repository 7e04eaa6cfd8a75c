/* M/M/1 at 80 % load: argv[1] customers served; check = sum of their waits in ns. See cases/mm1.mjs. */
#include "heap.h"

enum { ARRIVAL, DEPARTURE };

int main(int argc, char **argv) {
  const int64_t customers = argc > 1 ? atoll(argv[1]) : 1000000;
  const double arrival_mean = 1.25e6, service_mean = 1e6;
  rng arrivals = {{1, 2, 3, 4}}, services = {{5, 6, 7, 8}};
  heap h = {0};
  size_t capacity = 1024, head = 0, waiting = 0;
  int64_t *line = malloc(capacity * sizeof *line);
  int64_t served = 0;
  int busy = 0;
  double wait_sum = 0;
  const double start = seconds();
  push(&h, exponential_ns(&arrivals, arrival_mean), ARRIVAL);
  while (served < customers) {
    event e = pop(&h);
    if (e.kind == ARRIVAL) {
      push(&h, e.time + exponential_ns(&arrivals, arrival_mean), ARRIVAL);
      if (!busy) {
        busy = 1;
        push(&h, e.time + exponential_ns(&services, service_mean), DEPARTURE);
      } else {
        if (waiting == capacity) {
          int64_t *wider = malloc(2 * capacity * sizeof *line);
          for (size_t i = 0; i < waiting; i++) wider[i] = line[(head + i) & (capacity - 1)];
          free(line);
          line = wider;
          head = 0;
          capacity *= 2;
        }
        line[(head + waiting++) & (capacity - 1)] = e.time;
      }
    } else {
      served++;
      if (waiting > 0) {
        wait_sum += e.time - line[head];
        head = (head + 1) & (capacity - 1);
        waiting--;
        push(&h, e.time + exponential_ns(&services, service_mean), DEPARTURE);
      } else {
        busy = 0;
      }
    }
  }
  report(seconds() - start, wait_sum);
  return 0;
}
