from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"

    def ready(self) -> None:
        from staff import logins  # noqa: F401 (it listens to Django's signals)
