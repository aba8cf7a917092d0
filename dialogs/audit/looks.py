"""Who has looked at a client's page: once a day each. What they did there is told by itself."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from clients.models import Client
from staff.models import User

SEEN = "client seen"
_NOTE = f"""
INSERT INTO staff_auditentry (at, actor_id, act, about, client_id, detail)
SELECT %(now)s, %(user)s, '{SEEN}', %(about)s, %(client)s, '{{}}'
WHERE NOT EXISTS (SELECT FROM staff_auditentry
  WHERE about = %(about)s AND at >= %(today)s AND actor_id = %(user)s)
"""  # noqa: S608 (our own name)


def note_look(client: Client, *, user: User, now: datetime) -> None:
    values: dict[str, Any] = {
        "user": user.pk,
        "client": client.pk,
        "about": f"look at client {client.pk}",
        "now": now,
        "today": timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)
