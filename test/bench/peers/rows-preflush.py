"""Pre-flush in SimPy, replication by replication: argv[1] of them; check = chunks left to the stops. See
cases/rows-preflush.mjs."""
import json
import random
import sys
import time
from collections import deque

import simpy

REPLICATIONS = int(sys.argv[1])
WRITES_PER_S, SERVICE_S, MIGRATION_S = 500, 1e-3, 13.0
BITS = 2**40 // 65536
CHUNK_BITS = 65536 * 8


class State:
    def __init__(self, env):
        self.bits = bytearray(BITS // 8)
        self.stale = bytearray(BITS // CHUNK_BITS)
        self.queue = deque()
        self.wake = env.event()


def guest(env, state, draws):
    while True:
        yield env.timeout(draws.expovariate(WRITES_PER_S))
        granule = draws.randrange(BITS)
        byte, bit = granule >> 3, 1 << (granule & 7)
        if not state.bits[byte] & bit:
            state.bits[byte] |= bit
            chunk = granule // CHUNK_BITS
            if not state.stale[chunk]:
                state.stale[chunk] = 1
                state.queue.append(chunk)
                if not state.wake.triggered:
                    state.wake.succeed()


def flusher(env, state):
    while True:
        if not state.queue:
            state.wake = env.event()
            yield state.wake
        state.stale[state.queue.popleft()] = 0
        yield env.timeout(SERVICE_S)


start = time.perf_counter()
left = 0
for replication in range(REPLICATIONS):
    env = simpy.Environment()
    state = State(env)
    env.process(guest(env, state, random.Random(replication)))
    env.process(flusher(env, state))
    env.run(until=MIGRATION_S)
    left += len(state.queue)
print(json.dumps({"seconds": time.perf_counter() - start, "check": left}))
