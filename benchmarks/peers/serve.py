"""The side of a contestant in Python: ../serve.ts says what it does. A piece of work is (run, check, operations)."""

import json
import math
import sys
import time


def serve(hello, benches):
    timer = None
    answer(hello=hello)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "sample" in request:
                answer(seconds=timer.sample(request["sample"]))
                continue
            make = benches.get(request["prepare"])
            work = make(request["setting"]) if make else "not written"
            if isinstance(work, str):
                answer(absent=work)
                continue
            run, check, operations = work
            timer = Timer(run, operations, request["clock"])
            numbers = [float(number) for number in check()]
            timer.warm_up(request["warmUp"])
            answer(check=numbers)
        except Exception as error:  # The others go on without it.
            answer(error=repr(error))


UNDISTURBED = 0.95
TRIES = 5


class Timer:
    """Repeats a piece of work as often as fills a given time."""

    def __init__(self, run, operations, clock):
        self.run = run
        self.now = time.perf_counter if clock == "wall" else time.process_time
        self.operations = operations
        self.estimate = 0.0

    def warm_up(self, seconds):
        runs, spent = 1, 0.0
        while spent < seconds:
            spent += self.time(runs)
            runs *= 2

    def sample(self, seconds):
        if self.estimate < seconds / 10:
            self.time(math.ceil(seconds / 10 / self.estimate))
        runs = max(1, round(seconds / self.estimate))
        best_share, best = -1.0, math.nan
        for _ in range(TRIES):
            begun = time.process_time()
            spent = self.time(runs)
            share = (time.process_time() - begun) / spent
            if share > best_share:
                best_share, best = share, spent
            if share >= UNDISTURBED:
                break
        return best / runs / self.operations

    def time(self, runs):
        run, now = self.run, self.now
        begun = now()
        for _ in range(runs):
            run()
        spent = max(now() - begun, 1e-6)
        self.estimate = spent / runs
        return spent


def answer(**message):
    print(json.dumps(message), flush=True)
