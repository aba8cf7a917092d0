"""Where every address leads. Altinn's webhook is in front of Django: see portal/asgi.py."""

from django.conf import settings
from django.urls import include, path

from portal import views
from portal.admin_site import site

urlpatterns = [
    path("", include("dialogs.urls")),
    path("", include("clients.urls")),
    path("konto/", include("staff.urls")),
    path("helse/lever/", views.alive, name="alive"),
    path("helse/klar/", views.ready, name="ready"),
]

if settings.ADMIN_PATH:
    urlpatterns.append(path(f"{settings.ADMIN_PATH}/", site.urls))
