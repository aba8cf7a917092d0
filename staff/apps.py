from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from staff import checks, two_steps  # noqa: F401 (registers what is checked)

        authenticator_added.connect(two_steps.added)
