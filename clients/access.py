"""Who may register clients and oversee the access to them: see `staff.rules`."""

from staff.rules import check_may_oversee, check_may_register, may_oversee, may_register

__all__ = ["check_may_oversee", "check_may_register", "may_oversee", "may_register"]
