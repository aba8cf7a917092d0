import pytest
from django.core.cache import cache
from pytest_django import Settings

from staff.models import User

PASSWORD = "riktig hest batteri stift"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Real hashing takes a second or two a time, which is its point but not these tests'."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def as_in_earnest(settings: Settings) -> None:
    """The policies a firm has that sets nothing, and nobody's failed log-ins counted yet."""
    settings.TWO_STEP_ROLES = frozenset(User.Role.values)
    settings.RECENT_LOGIN_MINUTES = 15
    cache.clear()


@pytest.fixture
def karis_password(kari: User, quick_passwords: None) -> str:
    kari.set_password(PASSWORD)
    kari.save()
    return PASSWORD
