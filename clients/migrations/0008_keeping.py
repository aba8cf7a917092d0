import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What not everybody at a firm should read. Services by what their owners call them.
# Source: Nav's and Skatteetaten's resources in Altinn's resource registry; read 2026-08.
CATEGORIES = [
    (
        "Helse og sykefravær",
        "Sykmeldinger, sykepenger, foreldrepenger og oppfølging fra Nav",
        ["nav_sykepenger_*", "nav_syfo_*", "nav_foreldrepenger_*", "nav-refusjon-vedtak"],
    ),
    (
        "Lønn og trekk",
        "A-melding, skattekort og utleggstrekk hos de ansatte",
        ["skd-amelding-*", "skd-skattekort-endringer", "skd-utleggstrekk"],
    ),
    (
        "Taushetsbelagt post",
        "Post til virksomheten med taushetsbelagt innhold",
        ["altinn-taushetsbelagt-post-*"],
    ),
]


def add_categories(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    category = apps.get_model("clients", "Category")
    service = apps.get_model("clients", "CategoryService")
    for position, (name, says, patterns) in enumerate(CATEGORIES, start=1):
        added = category.objects.create(name=name, says=says, position=position * 10)
        for pattern in patterns:
            service.objects.create(category=added, pattern=f"urn:altinn:resource:{pattern}")


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0007_adding"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="navn")),
                ("says", models.CharField(blank=True, max_length=200, verbose_name="hva det er")),
                ("position", models.SmallIntegerField(default=100, verbose_name="rekkefølge")),
            ],
            options={
                "ordering": ("position", "name"),
            },
        ),
        migrations.CreateModel(
            name="CategoryRestriction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CategoryService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("pattern", models.CharField(max_length=255, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="ClientRegisterState",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="register_state",
                        serialize=False,
                        to="clients.client",
                    ),
                ),
                ("is_known", models.BooleanField(default=True)),
                ("name", models.CharField(blank=True, max_length=255)),
                ("form", models.CharField(blank=True, max_length=10)),
                ("is_bankrupt", models.BooleanField(default=False)),
                ("is_dissolving", models.BooleanField(default=False)),
                ("deleted_on", models.DateField(null=True)),
                ("is_removed", models.BooleanField(default=False)),
                ("vat_registered", models.BooleanField(default=False)),
                ("role_held", models.BooleanField(null=True)),
                ("role_ended_at", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RegisterCursor",
            fields=[
                (
                    "feed",
                    models.CharField(
                        choices=[
                            ("UNITS", "enheter"),
                            ("SUB_UNITS", "underenheter"),
                            ("ROLES", "roller"),
                        ],
                        max_length=9,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("after_id", models.CharField(blank=True, max_length=60)),
                ("read_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="WatchedService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "resource",
                    models.CharField(max_length=255, unique=True, verbose_name="tjeneste"),
                ),
                ("added_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="client",
            name="substitute",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="stedfortreder",
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="parent_orgnr",
            field=models.CharField(blank=True, db_default="", default="", max_length=9),
        ),
        migrations.AddField(
            model_name="subscription",
            name="address",
            field=models.CharField(db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            model_name="subscription",
            name="check_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="checks",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="subscription",
            name="next_address",
            field=models.CharField(db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            model_name="subscription",
            name="next_altinn_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="next_validated_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="refused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="renewed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="state",
            field=models.CharField(
                choices=[
                    ("WANTED", "ikke opprettet ennå"),
                    ("CREATED", "opprettet, ikke bekreftet"),
                    ("VALIDATED", "i drift"),
                    ("REFUSED", "tjenesten tillater det ikke; leses i stedet jevnlig"),
                    ("STOPPED", "stanset: klienten leses ikke"),
                ],
                default="WANTED",
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("check_at__isnull", False)),
                fields=["check_at"],
                name="subscription_to_check",
            ),
        ),
        migrations.AddField(
            model_name="categoryrestriction",
            name="category",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="clients.category"
            ),
        ),
        migrations.AddField(
            model_name="categoryrestriction",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="category_restrictions",
                to="clients.client",
            ),
        ),
        migrations.AddField(
            model_name="categoryrestriction",
            name="readers",
            field=models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="categoryservice",
            name="category",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="services",
                to="clients.category",
            ),
        ),
        migrations.AddIndex(
            model_name="clientregisterstate",
            index=models.Index(fields=["read_at"], name="register_read"),
        ),
        migrations.AddField(
            model_name="watchedservice",
            name="added_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="categoryrestriction",
            constraint=models.UniqueConstraint(
                fields=("client", "category"), name="category_restricted_once"
            ),
        ),
        migrations.RunPython(add_categories, migrations.RunPython.noop),
    ]
