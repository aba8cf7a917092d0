from django.urls import URLPattern, path

from dialogs.exporting import report_views, views

urlpatterns: list[URLPattern] = [
    path("eksport/", views.exports, name="exports"),
    path("eksport/kvitteringer/", views.receipts, name="export-receipts"),
    path("eksport/<int:pk>/", views.job, name="export-job"),
    path("eksport/<int:pk>/fil/", views.file, name="export-file"),
    path("klienter/<int:pk>/rapport/pdf/", report_views.report_pdf, name="client-report-pdf"),
    path("eksport/<slug:listed>/<slug:kind>/", views.export, name="export"),
    path("eksport/<slug:listed>/<slug:kind>/lag/", views.begin, name="export-begin"),
]
