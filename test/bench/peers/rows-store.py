"""Stops of store-at-stop in numpy: argv[1] replications; check = rows. 16 TiB, one full bitmap, a lognormal draw for each of
its requests, a sum for each of their kinds, one row a replication. See cases/rows-store.mjs."""
import csv
import json
import math
import sys
import tempfile
import time

import numpy

REPLICATIONS = int(sys.argv[1])
BATCH = 2000
# Medians and 99th percentiles in ms of ceph-nvme: (requests, p50, p99); reads and punches take what writes do.
CLASSES = [(517, 0.46, 0.575), (512, 0.4, 0.5), (522, 0.46, 0.575)]
FIXED_MS = 2.76 + 1.0 + 0.05 + 1.0 + 0.9
RAM_MS, RAM_SPREAD = 20.0, 0.02


def stops(rng, count):
    total = FIXED_MS + RAM_MS * numpy.exp(RAM_SPREAD * rng.standard_normal(count))
    for requests, p50, p99 in CLASSES:
        sigma = math.log(p99 / p50) / 2.3263478740408408
        total += rng.lognormal(math.log(p50), sigma, (count, requests)).sum(axis=1)
    return total


rng = numpy.random.default_rng(1)
stops(rng, BATCH)
start = time.perf_counter()
with tempfile.TemporaryFile("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["point", "replication", "strategy", "state", "downtime_ms"])
    for first in range(0, REPLICATIONS, BATCH):
        batch = stops(rng, min(BATCH, REPLICATIONS - first)).tolist()
        writer.writerows((0, first + i, "store-at-stop", "completed", ms) for i, ms in enumerate(batch))
print(json.dumps({"seconds": time.perf_counter() - start, "check": REPLICATIONS}))
