from django.urls import URLPattern, path

from dialogs.content import views

DIALOG = "innboks/<uuid:dialog_id>/dialog"

urlpatterns: list[URLPattern] = [
    path(f"{DIALOG}/", views.whole, name="whole"),
    path(f"{DIALOG}/apne/", views.open_dialog, name="whole-open"),
]
