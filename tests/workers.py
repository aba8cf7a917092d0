"""Give each worker that runs tests beside others a Redis database of its own.

Loaded before Django's settings are read; pytest-django does the same for PostgreSQL.
"""

import os
import re

_number = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
_place = re.fullmatch(r"(.*/)(\d+)", os.environ.get("REDIS_URL", ""))
if _number and _place:
    os.environ["REDIS_URL"] = f"{_place[1]}{int(_place[2]) + int(_number[1])}"
