from django.urls import URLPattern, path

from dialogs.content import views

DIALOG = "innboks/<uuid:dialog_id>/dialog"

urlpatterns: list[URLPattern] = [
    path(f"{DIALOG}/", views.whole, name="whole"),
    path(f"{DIALOG}/apne/", views.open_dialog, name="whole-open"),
    path(f"{DIALOG}/innhold/", views.fetch_body, name="whole-body"),
    path(f"{DIALOG}/flytt/", views.move, name="whole-move"),
    path(f"{DIALOG}/hvorfor/", views.ask_why, name="whole-why"),
]
