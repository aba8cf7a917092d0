from django.urls import path

from dialogs import views
from dialogs.answering.urls import urlpatterns as answering
from dialogs.audit.urls import urlpatterns as audit
from dialogs.bulk.urls import urlpatterns as bulk
from dialogs.content.urls import urlpatterns as content
from dialogs.exporting.urls import urlpatterns as exporting
from dialogs.files.urls import urlpatterns as files
from dialogs.health.urls import urlpatterns as health
from dialogs.home.urls import urlpatterns as home
from dialogs.inbox.stream import stream
from dialogs.notes.urls import urlpatterns as notes
from dialogs.outgoing.urls import urlpatterns as outgoing
from dialogs.people.urls import urlpatterns as people
from dialogs.privacy.urls import urlpatterns as privacy
from dialogs.reports.urls import urlpatterns as reports
from dialogs.searches.urls import urlpatterns as searches
from dialogs.work.urls import urlpatterns as work

app_name = "dialogs"
urlpatterns = [
    path("innboks/", views.inbox, name="inbox"),
    path("innboks/nytt/", views.news, name="news"),
    path("innboks/filtre/", views.filters, name="filters"),
    path("innboks/tetthet/", views.density, name="density"),
    path("innboks/<uuid:dialog_id>/", views.inbox, name="dialog"),
    path("hendelser/", stream, name="stream"),
    *home,
    *reports,
    *health,
    *work,
    *notes,
    *people,
    *searches,
    *bulk,
    *content,
    *files,
    *answering,
    *outgoing,
    *exporting,
    *audit,
    *privacy,
]
