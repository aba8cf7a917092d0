"""Min dag, the client page, and handing over."""

from django.urls import URLPattern, path

from dialogs.home import (
    absence_views,
    archiving,
    areas,
    categories,
    client_views,
    hand_over_views,
    views,
)

urlpatterns: list[URLPattern] = [
    path("", views.start, name="start"),
    path("hjem/", views.home, name="home"),
    path("klienter/<int:pk>/", client_views.overview, name="client"),
    path("klienter/<int:pk>/dialoger/", client_views.dialogs, name="client-dialogs"),
    path("klienter/<int:pk>/frister/", client_views.deadlines, name="client-deadlines"),
    path("klienter/<int:pk>/alle-notater/", client_views.notes, name="client-all-notes"),
    path("klienter/<int:pk>/dokumenter/", client_views.documents, name="client-documents"),
    path("klienter/<int:pk>/tilgang/", client_views.access, name="client-access"),
    path("klienter/<int:pk>/rapport/", client_views.report, name="client-report"),
    path("klienter/<int:pk>/logg/", client_views.log, name="client-log"),
    path("klienter/<int:pk>/folg/", client_views.follow, name="client-follow"),
    path("klienter/<int:pk>/fagansvar/", areas.client_areas, name="client-areas"),
    path("klienter/<int:pk>/kategorier/", categories.client_categories, name="client-categories"),
    path("klienter/<int:pk>/arkiver/", archiving.client_archive, name="client-archive"),
    path("overlevering/", hand_over_views.begin, name="hand-over"),
    path("overlevering/<int:pk>/", hand_over_views.leave, name="hand-over-from"),
    path("overlevering/utfort/<int:pk>/", hand_over_views.receipt, name="hand-over-receipt"),
    path("fravaer/", absence_views.absences, name="absences"),
    path("fravaer/nytt/", absence_views.absence_new, name="absence-new"),
    path("fravaer/<int:pk>/avslutt/", absence_views.absence_end, name="absence-end"),
]
