"""A dialog of Kari's to write notes on."""

import pytest

from clients.models import Client
from dialogs.models import Dialog
from tests.dialogs.conftest import MakeDialog


@pytest.fixture
def dialog(bakeren: Client, make_dialog: MakeDialog) -> Dialog:
    return make_dialog(bakeren, "Mva-melding 4. termin", due_in=3)
