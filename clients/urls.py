"""Addresses of the registrations: clients, and the system users that read for them."""

from django.urls import path

from clients import views
from clients.adding.urls import urlpatterns as adding
from clients.finding.urls import urlpatterns as finding
from clients.health.urls import urlpatterns as health
from clients.keeping.urls import urlpatterns as keeping
from clients.setup.urls import urlpatterns as setup

app_name = "clients"
urlpatterns = [
    path("klienter/", views.client_list, name="list"),
    path("klienter/ny/", views.client_new, name="new"),
    path("klienter/fra-altinn/", views.found, name="found"),
    path("klienter/fra-altinn/les/", views.read_again, name="read-again"),
    path("klienter/<int:pk>/rediger/", views.client_edit, name="edit"),
    path("klienter/<int:pk>/hent-tilbake/", views.unarchive, name="unarchive"),
    path("systembrukere/", views.system_users, name="system-users"),
    path("systembrukere/ny/", views.system_user_new, name="system-user-new"),
    path("systembrukere/<int:pk>/", views.system_user_edit, name="system-user-edit"),
    *health,
    *adding,
    *setup,
    *keeping,
    *finding,
]
