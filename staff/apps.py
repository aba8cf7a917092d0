from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from staff import two_steps

        authenticator_added.connect(two_steps.added)
