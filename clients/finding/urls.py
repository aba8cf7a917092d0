from django.urls import path, register_converter

from clients.finding import import_views, views


class OrgnrConverter:
    regex = "[0-9]{9}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(OrgnrConverter, "orgnr")

urlpatterns = [
    path("klienter/finn/", views.overview, name="finding"),
    path("klienter/finn/sok/", views.search, name="finding-search"),
    path("klienter/finn/registrer/", views.take, name="finding-take"),
    path("klienter/finn/liste.<slug:kind>", views.export, name="finding-export"),
    path("klienter/finn/<orgnr:orgnr>/", views.candidate, name="candidate"),
    path("klienter/import/", import_views.bring, name="imports"),
    path("klienter/import/mal.<slug:kind>", import_views.model, name="import-model"),
    path("klienter/import/<int:pk>/", import_views.show, name="import"),
    path("klienter/import/<int:pk>/importer/", import_views.accept, name="import-accept"),
    path("klienter/import/<int:pk>/hovedenhet/", import_views.main_units, name="import-main-units"),
    path("klienter/import/<int:pk>/feil.<slug:kind>", import_views.wrong, name="import-wrong"),
]
