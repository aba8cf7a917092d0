from django.urls import URLPattern, path

from dialogs.files import views

FILES = "innboks/<uuid:dialog_id>/vedlegg"
FILE = f"{FILES}/<uuid:attachment_id>"

urlpatterns: list[URLPattern] = [
    path(f"{FILES}/alle/", views.download_all, name="files"),
    path(f"{FILE}/", views.download, name="file"),
    path(f"{FILE}/vis/", views.preview, name="file-preview"),
    path(f"{FILE}/innhold/", views.content, name="file-content"),
    path(f"{FILE}/arkiver/", views.keep, name="file-archive"),
    path("klienter/<int:pk>/dokumenter/<int:file_id>/", views.archived, name="client-file"),
]
