"""The web server's entry point: Altinn's webhook in front, pages on threads, the stream async."""

import gc
import os
from typing import cast

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
_async = cast("App", get_asgi_application())
_wsgi = get_wsgi_application()

from django.urls import reverse  # noqa: E402 (needs the settings above)

import portal.celery  # noqa: E402, F401 (pages that queue work need the configured app)
from dialogs.webhook import App, Receive, Scope, Send, Webhook  # noqa: E402
from portal.pages import Pages  # noqa: E402

_pages = Pages(_wsgi)
STREAM = reverse("dialogs:stream")


async def _django(scope: Scope, receive: Receive, send: Send) -> None:
    """The live stream waits for hours and does little: on the event loop. The rest: on threads."""
    app = _async if scope["path"] == STREAM else _pages
    await app(scope, receive, send)


application = Webhook(_django)

# What is loaded by now stays: the collector need not walk it again and again. A page makes tens of
# thousands of objects, nearly all freed without it; looking every 700 cost a tenth of the page.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
