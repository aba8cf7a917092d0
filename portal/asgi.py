"""The web server's entry point: Altinn's webhook in front, Django behind it."""

import os
from typing import cast

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
_django = get_asgi_application()

import portal.celery  # noqa: E402, F401 (pages that queue work need the configured app)
from dialogs.webhook import App, Webhook  # noqa: E402 (needs the settings above)

application = Webhook(cast("App", _django))
