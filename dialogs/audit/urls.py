"""The audit log."""

from django.urls import URLPattern, path

from dialogs.audit import views

urlpatterns: list[URLPattern] = [
    path("revisjonslogg/", views.log, name="audit-log"),
    path("revisjonslogg/fil/", views.log_file, name="audit-log-file"),
]
