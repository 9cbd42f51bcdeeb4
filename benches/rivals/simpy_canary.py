"""The benchmark's canary in SimPy: a process per request, four servers per arm, sticky users,
accuracy and latency counted per window. Prints requests per second (CPU time)."""

import random
import time
from collections import Counter

import simpy

REQUESTS = 100_000
RATE = 1e7 / 36_000
MEAN = 0.01152
ROWS = 100_000


def main() -> None:
    rng = random.Random(1)
    label = [row % 3 == 0 for row in range(ROWS)]
    answer = [
        [label[row] == (row * 7919 % 100 >= wrong) for row in range(ROWS)] for wrong in (10, 8)
    ]
    env = simpy.Environment()
    arms = [simpy.Resource(env, capacity=4) for _ in range(2)]
    counts: Counter = Counter()
    latencies: list[list[float]] = [[], []]

    def request(arm: int, row: int):
        arrived = env.now
        with arms[arm].request() as turn:
            yield turn
            yield env.timeout(rng.expovariate(1 / MEAN))
        latencies[arm].append(env.now - arrived)
        window = int(env.now // 150)
        counts[window, arm, "answered"] += 1
        counts[window, arm, "correct"] += answer[arm][row] == label[row]

    def traffic():
        for _ in range(REQUESTS):
            yield env.timeout(rng.expovariate(RATE))
            user = rng.randrange(1_000_000)
            arm = 1 if hash((7, user)) % 100 < 25 else 0
            env.process(request(arm, rng.randrange(ROWS)))

    begun = time.process_time()
    env.process(traffic())
    env.run()
    seconds = time.process_time() - begun
    assert sum(map(len, latencies)) == REQUESTS
    print(REQUESTS / seconds)


main()
