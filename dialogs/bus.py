"""Redis as the portal uses it: short time-outs, and never for what must not be lost."""

from functools import cache

from django.conf import settings
from redis import Redis


@cache
def bus() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
