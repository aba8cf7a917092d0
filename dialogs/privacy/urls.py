"""Erasing and taking out what the portal has of somebody."""

from django.urls import URLPattern, path

from dialogs.privacy import views

urlpatterns: list[URLPattern] = [
    path("personvern/", views.privacy, name="privacy"),
    path("personvern/klienter/<int:pk>/", views.client, name="privacy-client"),
    path("personvern/klienter/<int:pk>/alt/", views.client_file, name="privacy-client-file"),
    path("personvern/ansatte/<int:pk>/", views.employee, name="privacy-employee"),
]
