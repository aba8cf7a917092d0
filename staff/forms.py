"""What people fill in to get in. Forms check and never save."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from staff.models import User


class PasswordForm(forms.Form):
    password1 = forms.CharField(
        label=_("Passord, minst tolv tegn"), strip=False, widget=forms.PasswordInput
    )
    password2 = forms.CharField(
        label=_("Passordet en gang til"), strip=False, widget=forms.PasswordInput
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if "password1" in found and found["password1"] != found.get("password2"):
            self.add_error("password2", ValidationError(_("Passordene er ikke like."), code="two"))
        return found
