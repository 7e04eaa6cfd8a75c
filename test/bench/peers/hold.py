"""The hold model in SimPy: argv[2] processes that sleep again and again; argv[1] wake-ups; check = time reached."""
import json
import random
import sys
import time

import simpy

HOLDS, PENDING = int(sys.argv[1]), int(sys.argv[2])


def sleeper(env, expovariate):
    while True:
        yield env.timeout(round(expovariate(1e-9)))


env = simpy.Environment()
expovariate = random.Random(1).expovariate
for _ in range(PENDING):
    env.process(sleeper(env, expovariate))
for _ in range(PENDING):
    env.step()  # the start of each process
start = time.perf_counter()
for _ in range(HOLDS):
    env.step()
print(json.dumps({"seconds": time.perf_counter() - start, "check": env.now}))
