from django.urls import URLPattern, path

from dialogs.notes import (
    area_views,
    bell_views,
    note_views,
    rule_views,
    service_views,
    views,
)

urlpatterns: list[URLPattern] = [
    path("innboks/<uuid:dialog_id>/notater/", views.of_dialog, name="dialog-notes"),
    path(
        "innboks/<uuid:dialog_id>/kolleger/", views.colleagues_of_dialog, name="dialog-colleagues"
    ),
    path("klienter/<int:client_id>/notater/", views.of_client, name="client-notes"),
    path(
        "klienter/<int:client_id>/kolleger/", views.colleagues_of_client, name="client-colleagues"
    ),
    path("notater/<int:pk>/", note_views.note, name="note"),
    path("notater/<int:pk>/rediger/", note_views.edit, name="note-edit"),
    path("notater/<int:pk>/slett/", note_views.delete, name="note-delete"),
    path("notater/<int:pk>/angre/", note_views.restore, name="note-restore"),
    path("notater/<int:pk>/fest/", note_views.pin, name="note-pin"),
    path("notater/<int:pk>/versjoner/", note_views.versions, name="note-versions"),
    path("varsler/", bell_views.notices, name="notices"),
    path("varsler/lest/", bell_views.read_all, name="notices-read"),
    path("varsler/<int:pk>/", bell_views.notice, name="notice"),
    path("tjenester/", service_views.service_list, name="services"),
    path("tjenester/<int:pk>/", service_views.service, name="service"),
    path("tjenester/<int:pk>/fagomrade/", service_views.set_area, name="service-area"),
    path("tjenester/<int:pk>/veiledning/", service_views.guide, name="service-guide"),
    path("tjenester/<int:pk>/punkter/", service_views.add_step, name="service-step-add"),
    path("punkter/<int:pk>/", service_views.step, name="service-step"),
    path("fagomrader/", area_views.areas, name="areas"),
    path("fagomrader/<int:pk>/", area_views.area, name="area"),
    path("hasteregler/", rule_views.rule_list, name="rules"),
    path("hasteregler/ny/", rule_views.rule_new, name="rule-new"),
    path("hasteregler/<int:pk>/", rule_views.rule_edit, name="rule"),
    path("hasteregler/<int:pk>/endre/", rule_views.rule_change, name="rule-change"),
]
