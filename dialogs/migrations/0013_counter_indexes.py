import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0009_health"),
        ("dialogs", "0012_service_level"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deadlinecount",
            name="client",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="clients.client",
            ),
        ),
        migrations.AlterField(
            model_name="foldercount",
            name="client",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="clients.client",
            ),
        ),
        migrations.AlterField(
            model_name="responsiblecount",
            name="client",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                to="clients.client",
            ),
        ),
        migrations.AddIndex(
            model_name="deadlinecount",
            index=models.Index(
                fields=["due_on"], include=("client", "total"), name="deadlines_by_day"
            ),
        ),
    ]
