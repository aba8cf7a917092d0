"""What is urgent by law, to begin with. The firm edits the rules on its own page."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RULES = [
    ("Tvangsmulkt", "tvangsmulkt, dagmulkt, overtredelsesgebyr, forsinkelsesgebyr", None),
    ("Konkurs eller tvang", "konkurs, tvangsoppløsning, utlegg, tvangsinndrivelse", None),
    ("Klagefrist", "klagefrist, klageadgang, vedtak om", 21),
    ("Kontroll", "bokettersyn, kontroll av, varsel om kontroll, varsel om endring", None),
]


def add(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    rule = apps.get_model("dialogs", "PinRule")
    for position, (why, words, days) in enumerate(RULES, start=1):
        rule.objects.create(why=why, words=words, appeal_days=days, position=position * 10)


class Migration(migrations.Migration):
    dependencies = [("dialogs", "0005_standing")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
