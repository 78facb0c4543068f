"""Limits of signing in: they slow whoever guesses and leave the owner a way in.

A miss costs a wait that grows. A browser that the person signed in with before has an allowance of
its own; others share one by network and account, one by network, and one by account. The letter
that sets a new password is never behind these waits.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest

from bezpechne.accounts import devices
from bezpechne.kernel import throttle
from bezpechne.kernel.throttle import NO_WAIT, growing

DEVICE, PAIR, VISITOR, ACCOUNT = growing(10), growing(5), growing(30), growing(20)


@dataclass(frozen=True)
class Attempt:
    """One try with one address; `device` is blank for a browser that the account does not know."""

    email: str
    visitor: str
    device: str

    def _counters(self) -> list[tuple[str, str, tuple[int, ...]]]:
        if self.device:
            return [("sign_in_device", f"{self.email}\0{self.device}", DEVICE)]
        return [
            ("sign_in", f"{self.email}\0{self.visitor}", PAIR),
            ("sign_in_visitor", self.visitor, VISITOR),
            ("sign_in_account", self.email, ACCOUNT),
        ]

    def wait(self) -> timedelta:
        """Counts the try, or says how long to wait before one is looked at."""
        taken: list[tuple[str, str]] = []
        for kind, identity, delays in self._counters():
            left = throttle.turn(kind, identity, delays)
            if left > NO_WAIT:
                # A try that is not looked at is no miss for the others.
                for other, whose in taken:
                    throttle.give_back(other, whose)
                return left
            taken.append((kind, identity))
        return NO_WAIT

    def succeeded(self) -> None:
        """The password was right: its account begins anew, its network gets the try back."""
        for kind, identity, _delays in self._counters():
            if kind == "sign_in_visitor":
                throttle.give_back(kind, identity)
            else:
                throttle.forget(kind, identity)


def attempt(request: HttpRequest, email: str) -> Attempt:
    """For the address as it was typed, whether it has an account or not."""
    email = email.strip().lower()
    return Attempt(email, throttle.visitor(request), device_key(request, email))


def device_key(request: HttpRequest, email: str) -> str:
    """Key of a browser that the account knows, or blank."""
    device = devices.device_of(request)
    return device.key if device.knows(email) else ""
