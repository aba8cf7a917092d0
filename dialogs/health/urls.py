"""The diagnosis of a client's access."""

from django.urls import URLPattern, path

from dialogs.health import views

urlpatterns: list[URLPattern] = [
    path("klienter/<int:pk>/diagnose/", views.diagnosis, name="client-diagnosis"),
]
