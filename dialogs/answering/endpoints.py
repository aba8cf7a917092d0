"""Which of a call's addresses to use: the newest that is not deprecated."""

import re
from collections.abc import Sequence

from altinn.details import ApiEndpoint

_NUMBERS = re.compile(r"\d{1,9}")
_LONGEST_VERSION = 40


def newest(endpoints: Sequence[ApiEndpoint]) -> ApiEndpoint | None:
    """Return the newest endpoint; a deprecated one only where there is nothing else."""
    return max(endpoints, key=_age, default=None)


def _age(endpoint: ApiEndpoint) -> tuple[bool, list[int]]:
    version = (endpoint.version or "")[:_LONGEST_VERSION]
    return not endpoint.deprecated, [int(found) for found in _NUMBERS.findall(version)]
