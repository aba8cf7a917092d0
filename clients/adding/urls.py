"""Addresses for giving the system users their clients, and for the sign-in that it takes."""

from django.urls import path

from clients.adding import person_views, standard_views, views

urlpatterns = [
    path("id-porten/", person_views.status, name="idporten"),
    path("id-porten/koble-til/", person_views.begin, name="idporten-begin"),
    path("id-porten/tilbake/", person_views.back, name="idporten-back"),
    path("id-porten/koble-fra/", person_views.end, name="idporten-end"),
    path("id-porten/utlogget/", person_views.logged_out, name="idporten-logged-out"),
    path("klienter/legg-til/", views.overview, name="adding"),
    path("klienter/legg-til/les/", views.read_again, name="adding-read"),
    path("klienter/legg-til/<int:pk>/", views.system_user, name="adding-system-user"),
    path("klienter/legg-til/<int:pk>/velg/", views.choose, name="adding-choose"),
    path("klienter/legg-til/<int:pk>/fra/<int:other>/", views.unable, name="adding-unable"),
    path("klienter/legg-til/ko/<int:pk>/", views.run, name="adding-run"),
    path("klienter/legg-til/ko/<int:pk>/begynn/", views.begin, name="adding-begin"),
    path("klienter/legg-til/ko/<int:pk>/pause/", views.pause, name="adding-pause"),
    path("klienter/legg-til/ko/<int:pk>/fortsett/", views.resume, name="adding-resume"),
    path("klienter/legg-til/ko/<int:pk>/tempo/", views.pace, name="adding-pace"),
    path("klienter/legg-til/ko/<int:pk>/avbryt/", views.cancel, name="adding-cancel"),
    path("klienter/legg-til/ko/<int:pk>/igjen/", views.again, name="adding-again"),
    path("klienter/legg-til/egne/", standard_views.requests, name="standard"),
    path("klienter/legg-til/egne/ny/", standard_views.ask, name="standard-ask"),
    path("klienter/legg-til/egne/brev/", standard_views.letters, name="standard-letters"),
]
