"""The reports of managers, and of each accountant on their own work."""

from django.urls import URLPattern, path

from dialogs.reports import calendar_views, season_views, views

urlpatterns: list[URLPattern] = [
    path("oversikt/", views.overview, name="overview"),
    path("oversikt/klienter/", views.clients, name="overview-clients"),
    path("oversikt/frister/", calendar_views.deadlines, name="overview-deadlines"),
    path("oversikt/sesong/", season_views.season, name="overview-season"),
]
