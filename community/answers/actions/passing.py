"""Passing a question on to a named colleague of the same unit, and taking it back."""

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.kernel import clock, tokens
from bezpechne.kernel.audit.models import record
from community.answers import links
from community.answers.actions.routing import by_link, end_passes, locked_routing
from community.answers.models import Answer, Pass, Routing
from community.answers.states import AnswerState
from community.questions import events
from community.questions.states import StateChangeRefused

# Of one question at one unit: a link that wanders from hand to hand answers nobody.
MOST = 5
# A mailbox there says nothing about where its owner works.
PUBLIC_MAIL = frozenset(
    {
        *("gmail.com", "googlemail.com", "ukr.net", "i.ua", "meta.ua", "bigmir.net", "email.ua"),
        *("outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com"),
        *("proton.me", "protonmail.com", "aol.com", "gmx.com", "gmx.net"),
    }
)


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


def refusal(routing: Routing, email: str) -> str:
    """Why this address cannot get the question; blank when it can.

    Only the unit's own mail domain: elsewhere the moderator has to agree, so the unit passes the
    question back and names the person in its reason.
    """
    domain = domain_of(routing.unit.email)
    if domain in PUBLIC_MAIL or not domain:
        return _(
            "Your unit's mailbox is at a public mail service, so that we cannot tell your"
            " colleagues from strangers. Pass the question back and name your colleague there."
        )
    if domain_of(email) != domain:
        return _(
            "The address must end with @%(domain)s, as your unit's does. For somebody elsewhere"
            " pass the question back and name them: the moderator will send it."
        ) % {"domain": domain}
    if email == routing.unit.email.lower():
        return _("This is your unit's own mailbox. Write your colleague's address.")
    return ""


@transaction.atomic
def pass_on(
    *, routing: Routing, name: str, email: str, note: str, door: links.Door | None = None
) -> Pass:
    """A link of their own for the colleague, by letter; this link only reads from now on."""
    routing, door = by_link(routing, door)
    email = email.lower()
    why_not = refusal(routing, email)
    if why_not:
        raise StateChangeRefused(why_not)
    if door.passed and door.passed.email == email:
        raise StateChangeRefused(_("You have the question already."))
    if Answer.objects.filter(routing=routing, state=AnswerState.SUBMITTED).exists():
        raise StateChangeRefused(_("An answer was sent already. Correct it here, if need be."))
    if routing.passes.count() >= MOST:
        raise StateChangeRefused(
            _("The question was passed on %(most)s times already. Answer it or pass it back.")
            % {"most": MOST}
        )
    passed = Pass.objects.create(
        routing=routing,
        passed_by=door.passed,
        name=name,
        email=email,
        note=note,
        created_at=clock.now(),
    )
    passed.token_hash = tokens.hashed(links.pass_token(passed))
    passed.save(update_fields=["token_hash"])
    # The row knows the colleague; the history knows the row.
    record(
        by=door.actor,
        subject=routing.question,
        action="passed_on",
        old=door.trace,
        new={"unit": routing.unit_id, "pass": passed.pk},
    )
    events.tell("passed_on", routing=routing, passed=passed)
    return passed


def takeable(door: links.Door) -> Pass | None:
    """The colleague to whom this very link passed the question on, while they have it."""
    if not links.opens(door):
        return None
    rows = door.routing.passes.filter(taken_back_at=None, passed_by=door.passed)
    return rows.order_by("-pk").first()


@transaction.atomic
def take_back(*, door: links.Door) -> None:
    """The colleague's link dies, with all to whom they passed it on. Raises StateChangeRefused."""
    locked_routing(door.routing)
    fresh = links.find(door.text)
    passed = takeable(fresh) if fresh else None
    if fresh is None or passed is None:
        raise StateChangeRefused(_("There is nothing to take back: the page was out of date."))
    end_passes(fresh.routing, since=passed.pk)
    record(
        by=fresh.actor,
        subject=fresh.routing.question,
        action="pass_taken_back",
        new={"unit": fresh.routing.unit_id, "taken": passed.pk, **fresh.trace},
    )
