from django.urls import path
from django.views.generic import RedirectView

from dialogs import views
from dialogs.inbox.stream import stream

app_name = "dialogs"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="dialogs:inbox", query_string=True)),
    path("innboks/", views.inbox, name="inbox"),
    path("innboks/nytt/", views.news, name="news"),
    path("innboks/<uuid:dialog_id>/", views.inbox, name="dialog"),
    path("innboks/<uuid:dialog_id>/ansvarlig/", views.assign, name="dialog-assign"),
    path("hendelser/", stream, name="stream"),
]
