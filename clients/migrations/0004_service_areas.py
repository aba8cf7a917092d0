"""Fields of work to begin with; the firm edits them on its own page."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

AREAS = ["Merverdiavgift", "Lønn", "Årsoppgjør", "Skatt", "Statistikk"]


def add(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    area = apps.get_model("clients", "ServiceArea")
    for position, name in enumerate(AREAS, start=1):
        area.objects.create(name=name, position=position * 10)


class Migration(migrations.Migration):
    dependencies = [("clients", "0003_work")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
