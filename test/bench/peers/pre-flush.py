"""Pre-flush in SimPy: argv[1] guest writes in the mean; check = chunk writes. See cases/pre-flush.mjs."""
import json
import random
import sys
import time
from collections import deque

import simpy

WRITES = int(sys.argv[1])
WRITES_PER_S, SERVICE_S = 20_000, 1e-3
BITS = 16 * 2**40 // 65536
CHUNK_BITS = 65536 * 8


class State:
    def __init__(self, env):
        self.bits = bytearray(BITS // 8)
        self.stale = bytearray(BITS // CHUNK_BITS)
        self.queue = deque()
        self.wake = env.event()
        self.flushes = 0


def guest(env, state):
    gap, place = random.Random(1).expovariate, random.Random(2).randrange
    while True:
        yield env.timeout(gap(WRITES_PER_S))
        granule = place(BITS)
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
        state.flushes += 1


env = simpy.Environment()
state = State(env)
env.process(guest(env, state))
env.process(flusher(env, state))
start = time.perf_counter()
env.run(until=WRITES / WRITES_PER_S)
print(json.dumps({"seconds": time.perf_counter() - start, "check": state.flushes}))
