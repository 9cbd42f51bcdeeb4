"""The benchmark's canary as a numba kernel: sticky users, four servers per arm by their free times,
accuracy and a latency histogram per window; no gates. Prints requests per second (CPU time, without
compiling), the median of five runs."""

import statistics
import time

import numba
import numpy as np

REQUESTS = 10_000_000
RATE = 1e7 / 36_000
MEAN = 0.01152
ROWS = 100_000
WINDOW = 150.0


@numba.njit
def mix(x):
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit
def replay(requests, correct, seed):
    np.random.seed(seed)
    free = np.zeros((2, 4))
    windows = int(requests / RATE / WINDOW) + 10
    answered = np.zeros((2, windows), np.int64)
    right = np.zeros((2, windows), np.int64)
    histogram = np.zeros((2, windows, 64), np.int64)
    now = 0.0
    for _ in range(requests):
        now += np.random.exponential(1 / RATE)
        user = np.uint64(np.random.randint(0, 1_000_000))
        row = np.random.randint(0, ROWS)
        arm = 1 if mix(user) % np.uint64(100) < np.uint64(25) else 0
        first = 0
        for server in range(1, 4):
            if free[arm, server] < free[arm, first]:
                first = server
        done = max(now, free[arm, first]) + np.random.exponential(MEAN)
        free[arm, first] = done
        window = min(int(done / WINDOW), windows - 1)
        answered[arm, window] += 1
        right[arm, window] += correct[arm, row]
        bin = min(int((done - now) * 1000), 63)
        histogram[arm, window, bin] += 1
    return answered.sum(), right.sum(), histogram.sum()


def main() -> None:
    row = np.arange(ROWS)
    correct = np.array([row * 7919 % 100 >= wrong for wrong in (10, 8)]).astype(np.uint8)
    replay(1_000, correct, 0)
    rates = []
    for seed in range(5):
        begun = time.process_time()
        answered, _, _ = replay(REQUESTS, correct, seed)
        rates.append(REQUESTS / (time.process_time() - begun))
        assert answered == REQUESTS
    print(statistics.median(rates))


main()
