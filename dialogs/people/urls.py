"""Addresses of «Ansatte»."""

from django.urls import URLPattern, path

from dialogs.people import views

urlpatterns: list[URLPattern] = [
    path("ansatte/", views.everybody, name="people"),
    path("ansatte/inviter/", views.invite, name="person-invite"),
    path("ansatte/team/ny/", views.team_new, name="team-new"),
    path("ansatte/<int:pk>/", views.person, name="person"),
    path("ansatte/<int:pk>/lenke/", views.link, name="person-link"),
    path("ansatte/<int:pk>/logg-ut/", views.log_out, name="person-log-out"),
    path("ansatte/<int:pk>/slutt/", views.leave, name="person-leave"),
    path("ansatte/<int:pk>/tilbake/", views.come_back, name="person-back"),
]
