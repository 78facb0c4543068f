"""What a check of a domain's TXT record can find wrong. The code is kept in Domain.check_error."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Problem(models.TextChoices):
    """The label is what the page says."""

    ABSENT = (
        "absent",
        _(
            "There is no TXT record at this name yet. A new record is seen after some minutes, at"
            " times after some hours. Providers often add the domain by themselves: make sure that"
            " it is not there twice."
        ),
    )
    OTHER = (
        "other",
        _("There is a TXT record at this name, but with another value. Copy the value once more."),
    )
    SERVER = (
        "server",
        _("The domain's DNS servers answer with an error. Ask the provider of the domain."),
    )
    TIMEOUT = "timeout", _("DNS did not answer in time. It is asked again by itself.")
    RESOLVER = "resolver", _("The platform could not ask DNS. Tell its operators.")


# The owner's record is gone or another; anything else may be a bad hour of DNS.
LOST = frozenset({Problem.ABSENT, Problem.OTHER})
