from django.urls import URLPattern, path

from dialogs.answering import form_views, receipt_views, views

ACTION = "innboks/<uuid:dialog_id>/handling/<uuid:action_id>"

urlpatterns: list[URLPattern] = [
    path(f"{ACTION}/", views.answer, name="answer"),
    path(f"{ACTION}/skjema/", form_views.fill_in, name="answer-form"),
    path("kvittering/<int:pk>/", receipt_views.receipt, name="receipt"),
    path("kvittering/<int:pk>/pdf/", receipt_views.receipt_pdf, name="receipt-pdf"),
    path("kvittering/<int:pk>/sjekk/", receipt_views.look, name="receipt-look"),
    path("kvittering/<int:pk>/utfall/", receipt_views.decide, name="receipt-decide"),
    path("kvittering/<int:pk>/godkjenn/", receipt_views.approve_action, name="receipt-approve"),
    path("kvittering/<int:pk>/trekk/", receipt_views.withdraw_action, name="receipt-withdraw"),
]
