from collections.abc import Callable

import pytest
from django.test import Client as Browser

from staff.models import User


@pytest.fixture
def revisor(db: None) -> User:
    """An auditor who sees every client."""
    return User.objects.create_user(
        "revisor@revisjon.invalid",
        first_name="Rita",
        last_name="Dahl",
        role=User.Role.AUDITOR,
        sees_all_clients=True,
    )


@pytest.fixture
def revisors(revisor: User, logged_in: Callable[[User], Browser]) -> Browser:
    return logged_in(revisor)


@pytest.fixture
def admins(admin: User, logged_in: Callable[[User], Browser]) -> Browser:
    return logged_in(admin)
