from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        # Registers what is checked, and listens to Django's signals.
        from staff import checks, logins, two_steps  # noqa: F401

        authenticator_added.connect(two_steps.added)
