"""Choosing notices, what was sent, and calendars."""

from django.urls import URLPattern, path

from dialogs.outgoing import calendar_views, views

urlpatterns: list[URLPattern] = [
    path("varsler/valg/", views.choices, name="notice-choices"),
    path("varsler/valg/ukerapport/", views.weekly, name="notice-weekly"),
    path("varsler/valg/chat/", views.chat_choice, name="notice-chat"),
    path("varsler/valg/klient/", views.client_choice, name="notice-client"),
    path("varsler/valg/klient/<int:pk>/fjern/", views.client_choice_end, name="notice-client-end"),
    path("varsler/sendt/", views.sent, name="notices-sent"),
    path("varsler/av/<str:code>/", views.off, name="notices-off"),
    path("varsler/kalendere/", calendar_views.calendar_list, name="calendars"),
    path(
        "varsler/kalendere/<uuid:pk>/fjern/", calendar_views.calendar_revoke, name="calendar-revoke"
    ),
    path("kalender/<str:code>.ics", calendar_views.calendar, name="calendar"),
]
