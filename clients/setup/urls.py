from django.urls import path

from clients.setup import key_views, request_views, views

urlpatterns = [
    path("oppsett/", views.overview, name="setup"),
    path("oppsett/kort/", views.card, name="setup-card"),
    path("oppsett/steg/<slug:name>/", views.step_done, name="setup-step"),
    path("oppsett/firma/", views.firm, name="setup-firm"),
    path("oppsett/maskinporten/", key_views.maskinporten, name="setup-maskinporten"),
    path("oppsett/nokkel/lag/", key_views.key_make, name="setup-key-make"),
    path("oppsett/nokkel/last-opp/", key_views.key_upload, name="setup-key-upload"),
    path("oppsett/nokkel/<int:pk>/offentlig/", key_views.key_public, name="setup-key-public"),
    path("oppsett/nokkel/<int:pk>/prov/", key_views.key_test, name="setup-key-test"),
    path("oppsett/nokkel/<int:pk>/bytt/", key_views.key_switch, name="setup-key-switch"),
    path("oppsett/nokkel/<int:pk>/forkast/", key_views.key_discard, name="setup-key-discard"),
    path("oppsett/system/", views.system, name="setup-system"),
    path("oppsett/systembrukere/", request_views.requests, name="setup-requests"),
    path("oppsett/systembrukere/ny/", request_views.request_new, name="setup-request-new"),
    path("oppsett/systembrukere/<int:pk>/", request_views.request_page, name="setup-request"),
    path(
        "oppsett/systembrukere/<int:pk>/tilstand/",
        request_views.request_state,
        name="setup-request-state",
    ),
    path(
        "oppsett/systembrukere/<int:pk>/sjekk/",
        request_views.request_check,
        name="setup-request-check",
    ),
    path(
        "oppsett/systembrukere/<int:pk>/send/",
        request_views.request_send,
        name="setup-request-send",
    ),
    path(
        "oppsett/systembrukere/<int:pk>/igjen/",
        request_views.request_again,
        name="setup-request-again",
    ),
    path(
        "oppsett/systembrukere/<int:pk>/trekk/",
        request_views.request_withdraw,
        name="setup-request-withdraw",
    ),
    path(
        "oppsett/systembrukere/<int:pk>/e-post/",
        request_views.request_mail,
        name="setup-request-mail",
    ),
    path("oppsett/godkjent/", views.approved, name="setup-approved"),
]
