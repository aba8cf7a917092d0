"""The yardstick for draining: one Celery task per event, which does nothing at all."""

import os

from celery import Celery

QUEUE = "bench-noop"

# Not the current app: in the benchmarks' own process that is the portal's.
app = Celery("yardstick", broker=os.environ["REDIS_URL"], set_as_current=False)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    task_default_queue=QUEUE,
)


@app.task(name="bench.nothing")
def nothing(event: int) -> None:
    pass
