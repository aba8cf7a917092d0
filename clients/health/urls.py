"""How well we see the clients, and what is wrong."""

from django.urls import URLPattern, path

from clients.health import views

urlpatterns: list[URLPattern] = [
    path("dekning/", views.coverage, name="coverage"),
    path("dekning/klienter/", views.clients, name="coverage-clients"),
    path("dekning/varsler/", views.alarms, name="alarms"),
    path("dekning/varsler/<int:pk>/sett/", views.see, name="alarm-see"),
]
