"""What somebody typed as a domain → the name as DNS knows it, or a sentence that helps."""

import re
from ipaddress import ip_address

from django.conf import settings
from django.utils.translation import gettext as _

# Where the owner's TXT record lives: `_bezpechne.police.poltava.ua`.
RECORD_LABEL = "_bezpechne"
# 253 is the longest name in DNS; the record's own label must fit in front.
MAX_LENGTH = 253 - len(RECORD_LABEL) - 1
MAX_LABEL = 63
_MAX_TYPED = 1000
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
# Full stops of other scripts that IDNA takes for a dot.
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:(?=//))?(?://)?(?:[^/?#@]*@)?(?P<host>\[[^\]]*\]|[^/?#:]*)(?P<port>:\d*)?.*",
    re.IGNORECASE | re.DOTALL,
)
# Names that never lead anywhere on the public internet.
_LOCAL = frozenset(
    ["localhost", "local", "internal", "invalid", "onion", "arpa", "lan", "home", "localdomain"]
)


class NameRefused(ValueError):
    """The text says what to write instead; `suggestion` is a name that would do, or blank."""

    def __init__(self, sentence: str, suggestion: str = "") -> None:
        super().__init__(sentence)
        self.suggestion = suggestion


def clean(typed: str) -> str:
    """A host name in lower case ASCII, Ukrainian letters as IDNA. Raises NameRefused."""
    text = typed.strip()
    if len(text) > _MAX_TYPED:
        raise NameRefused(_too_long())
    _refuse_more_than_a_name(text)
    return _name(text)


def _name(text: str) -> str:
    """The same for what should be a name and nothing else."""
    if not text:
        raise NameRefused(_("Write a name, for example police.poltava.ua."))
    if _is_ip(text):
        raise NameRefused(_("This is an IP address. Write a name, for example police.poltava.ua."))
    name = ".".join(_labels(text.removesuffix(".")))
    if len(name) > MAX_LENGTH:
        raise NameRefused(_too_long())
    _refuse_special(name)
    return name


def display(name: str) -> str:
    """The name as people read it: Ukrainian letters instead of `xn--…`."""
    try:
        return name.encode("ascii").decode("idna")
    except UnicodeError:
        return name


def record_name(domain: str) -> str:
    """Where the owner puts the TXT record."""
    return f"{RECORD_LABEL}.{domain}"


def is_own(domain: str) -> bool:
    """Whether a name is the platform's host or one of its subdomains."""
    return domain == settings.BASE_HOST or domain.endswith(f".{settings.BASE_HOST}")


def _too_long() -> str:
    return _("The name is too long: %(most)d letters at most, %(label)d between two dots.") % {
        "most": MAX_LENGTH,
        "label": MAX_LABEL,
    }


def _is_ip(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _refuse_more_than_a_name(text: str) -> None:
    """An address, an e-mail, a port, a wildcard: the name inside it is offered."""
    if not _is_ip(text) and re.search(r"[/?#@:\\]", text):
        found = _ADDRESS.fullmatch(text.replace("\\", "/"))
        # The part alone is refused with its own sentence when it is no name either.
        name = _name(found["host"] if found else "")
        if found and found["port"] and text == f"{found['host']}{found['port']}":
            said = _("Write the name without the port: %(name)s")
        elif "@" in text and "/" not in text:
            said = _("This is an e-mail address. Write the name alone: %(name)s")
        else:
            said = _("Write the name alone, without https:// and without a path: %(name)s")
        raise NameRefused(said % {"name": display(name)}, name)
    if "*" in text:
        rest = text.removeprefix("*.")
        if "*" in rest:
            raise NameRefused(_("A star cannot be used. Add each name by itself."))
        name = _name(rest)
        raise NameRefused(
            _(
                "A star stands for names that nobody has checked. Add each by itself, first: %(name)s"
            )
            % {"name": display(name)},
            name,
        )


def _labels(text: str) -> list[str]:
    """The parts between the dots, in ASCII."""
    labels = [_ascii(part) for part in _DOTS.split(text)]
    for label in labels:
        if len(label) > MAX_LABEL:
            raise NameRefused(_too_long())
        if not _LABEL.fullmatch(label):
            raise NameRefused(
                _(
                    "A name has letters, digits and hyphens alone, in parts with dots between them,"
                    " for example police.poltava.ua."
                )
            )
    return labels


def _ascii(part: str) -> str:
    """One part as DNS stores it; punycode that stands for nothing is refused."""
    if len(part) > MAX_LABEL:
        raise NameRefused(_too_long())
    if part.isascii() and not part.lower().startswith("xn--"):
        return part.lower()
    try:
        label = part.lower().encode("idna").decode("ascii")
        if label.startswith("xn--") and label.encode().decode("idna").encode("idna") == (
            label.encode()
        ):
            return label
    except UnicodeError:
        pass
    if part.isascii():
        raise NameRefused(
            _("“%(part)s” is no valid writing of a name. Write it in its own letters.")
            % {"part": part}
        )
    raise NameRefused(
        _("“%(part)s” has signs that a name cannot have, or is too long.") % {"part": part}
    )


def _refuse_special(name: str) -> None:
    last = name.rpartition(".")[2]
    if last in _LOCAL:
        raise NameRefused(
            _("“%(last)s” is a name inside one machine or office. Residents could not open it.")
            % {"last": last}
        )
    if "." not in name:
        raise NameRefused(
            _("One word is not enough. Write the whole name, for example police.poltava.ua.")
        )
    if is_own(name):
        raise NameRefused(
            _(
                "Names under %(base)s are the platform's, and the city has one of them already."
                " To change it, change the city's short name."
            )
            % {"base": settings.BASE_HOST}
        )
    if last.isdigit() or not (last.isalpha() or last.startswith("xn--")):
        raise NameRefused(_("A name ends with letters, for example .ua or .укр."))
