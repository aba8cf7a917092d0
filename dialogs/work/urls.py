from django.urls import URLPattern, path

from dialogs.work import views

DIALOG = "innboks/<uuid:dialog_id>"

urlpatterns: list[URLPattern] = [
    path(f"{DIALOG}/ansvarlig/", views.assign, name="dialog-assign"),
    path(f"{DIALOG}/utsett/", views.snooze, name="dialog-snooze"),
    path(f"{DIALOG}/hent-tilbake/", views.wake, name="dialog-wake"),
    path(f"{DIALOG}/intern-frist/", views.set_internal_due, name="dialog-internal-due"),
    path(f"{DIALOG}/anslatt-frist/", views.set_estimated_due, name="dialog-estimated-due"),
    path(f"{DIALOG}/ferdig/", views.finish, name="dialog-finish"),
    path(f"{DIALOG}/gjenoppta/", views.resume, name="dialog-resume"),
    path(f"{DIALOG}/endringer-sett/", views.see_reopening, name="dialog-see-reopening"),
    path(f"{DIALOG}/haster-ikke/", views.unpin, name="dialog-unpin"),
    path(f"{DIALOG}/folg/", views.follow, name="dialog-follow"),
    path(f"{DIALOG}/sjekkliste/", views.tick, name="dialog-tick"),
    path(f"{DIALOG}/apne/", views.open_in_altinn, name="open"),
    path(f"{DIALOG}/her/", views.be_present, name="presence"),
]
