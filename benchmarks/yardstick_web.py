"""The yardstick for accepting: the least a Django view can do that keeps an event for good.

One row per request by raw SQL over a kept connection; no middleware, no authentication, no bell.
"""

import os
from typing import Any

import msgspec
from django.conf import settings

from portal import environ

settings.configure(
    SECRET_KEY="yardstick",  # noqa: S106 (it signs nothing)
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
    USE_TZ=True,
    DATABASES={
        "default": environ.database(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": 600},
    },
)

import django  # noqa: E402

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

_INSERT = """
INSERT INTO bench_inbox (event_id, etype, subject, body, received)
VALUES (%s, %s, %s, %s::jsonb, now()) ON CONFLICT (event_id) DO NOTHING
"""


def insert_sql(request: HttpRequest) -> HttpResponse:
    body = request.body
    event = msgspec.json.decode(body, type=dict[str, Any])
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT, (event["id"], event["type"], event.get("subject", ""), body.decode())
        )
    return HttpResponse(b"", headers={"Content-Length": "0"})


urlpatterns = [path("insert_sql", insert_sql)]
application = get_wsgi_application()
