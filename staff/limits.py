"""The cache in which failed log-ins are counted. Without Redis nothing is counted or stopped."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class Cache(RedisCache):
    """Redis, or nothing at all while it is away: a log-in needs more than this to be safe."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        params["OPTIONS"] = {"socket_timeout": 1, "socket_connect_timeout": 1}
        super().__init__(server, params)

    def add(self, *args: Any, **options: Any) -> Any:
        return _or(True, super().add, *args, **options)  # noqa: FBT003

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _or(default, super().get, key, default, version)

    def set(self, *args: Any, **options: Any) -> Any:
        return _or(None, super().set, *args, **options)

    def delete(self, *args: Any, **options: Any) -> Any:
        return _or(False, super().delete, *args, **options)  # noqa: FBT003


def _or(otherwise: Any, act: Callable[..., Any], *args: Any, **options: Any) -> Any:
    try:
        return act(*args, **options)
    except RedisError as exc:
        log.warning("Log-ins are not counted: %s", exc)
        return otherwise
