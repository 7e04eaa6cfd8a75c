"""M/M/1 at 80 % load, as the SimPy documentation writes a queue: a Resource and one process a customer.

The draws are Python's own random.expovariate, the quickest there; argv[1] customers; check = sum of waits in ns.
"""
import json
import random
import sys
import time

import simpy

CUSTOMERS = int(sys.argv[1])
ARRIVAL_MEAN_NS, SERVICE_MEAN_NS = 1.25e6, 1e6


def customer(env, server, total, expovariate):
    arrived = env.now
    with server.request() as turn:
        yield turn
        total[0] += env.now - arrived
        yield env.timeout(round(expovariate(1 / SERVICE_MEAN_NS)))
    total[1] += 1
    if total[1] == CUSTOMERS:
        total[2].succeed()


def source(env, server, total, expovariate):
    while True:
        yield env.timeout(round(expovariate(1 / ARRIVAL_MEAN_NS)))
        env.process(customer(env, server, total, expovariate))


env = simpy.Environment()
total = [0, 0, env.event()]
env.process(source(env, simpy.Resource(env), total, random.Random(1).expovariate))
start = time.perf_counter()
env.run(until=total[2])
print(json.dumps({"seconds": time.perf_counter() - start, "check": total[0]}))
