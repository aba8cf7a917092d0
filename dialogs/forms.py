"""What people send in. Forms check and never save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogs.inbox.choices import colleagues_for
from staff.models import User


class AssignForm(forms.Form):
    """Who is to be responsible, and which version of the work the sender was looking at."""

    responsible = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": _(
                "Kollegaen finnes ikke eller kan ikke se denne klienten. Velg en annen."
            )
        },
    )
    work_version = forms.IntegerField(min_value=0)

    def __init__(self, data: Any = None, *, client_id: int) -> None:
        super().__init__(data)
        responsible = self.fields["responsible"]
        assert isinstance(responsible, forms.ModelChoiceField)  # noqa: S101
        responsible.queryset = colleagues_for(client_id)
