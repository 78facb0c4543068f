"""Letters to people of the desk. No text and no name of a resident: mailboxes are read on phones."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.mail.letters import Letter
from bezpechne.kernel.mail.outbox import writes
from bezpechne.kernel.site import site
from community.desk.models import Assignment
from community.desk.queries import tab_counts
from community.notices.models import Notice
from community.questions.models import Question
from community.questions.queries import tallies
from community.questions.states import CLOSED, HAS_ANSWER, QuestionState


def _person(notice: Notice) -> User | None:
    """None when the account is closed or works elsewhere by now."""
    person = User.objects.filter(pk=notice.recipient_id or 0).first()
    return person if person and Permission.MODERATE in person.permissions else None


def _letter(
    person: User, *, subject: str, paragraphs: list[str], button: tuple[str, str], quote: str = ""
) -> Letter:
    here = site()
    settings = here.absolute(reverse("desk:reminders"))
    return Letter(
        to=person.email,
        subject=subject,
        paragraphs=paragraphs,
        quote=quote,
        button=(button[0], here.absolute(button[1])),
        after=(_("Which letters you get: %(link)s") % {"link": settings},),
        site=here.name,
        site_url=here.url,
        reply_to=here.reply_to,
    )


@writes("assigned")
def assigned(notice: Notice) -> Letter | None:
    """None when it was given to somebody else since, or is closed."""
    person, number = _person(notice), notice.question_id or 0
    if person is None or not Assignment.objects.filter(question=number, person=person).exists():
        return None
    if Question.objects.filter(pk=number, state__in=[*CLOSED, *HAS_ANSWER]).exists():
        return None
    return _letter(
        person,
        subject=_("Question № %(number)s is yours") % {"number": number},
        paragraphs=[_("A colleague gave you question № %(number)s.") % {"number": number}],
        button=(_("Open the question"), reverse("desk:item", args=[number])),
    )


@writes("urgent", at_once=True)
def urgent(notice: Notice) -> Letter | None:
    """None when somebody has decided about it."""
    person, number = _person(notice), notice.question_id or 0
    waits = Question.objects.filter(pk=number, state=QuestionState.IN_MODERATION).exists()
    if person is None or not waits:
        return None
    return _letter(
        person,
        subject=_("Urgent: question № %(number)s waits") % {"number": number},
        paragraphs=[
            _("It is marked as happening now, or has words of an emergency."),
            _("If somebody may be in danger, call 102 first."),
        ],
        button=(_("Open the question"), reverse("desk:item", args=[number])),
    )


def _waiting(person: User) -> list[str]:
    """A line for each kind of work that waits; empty when nothing does."""
    counts = tab_counts(tallies())
    mine = Assignment.objects.filter(person=person).exclude(
        question__state__in=[*CLOSED, *HAS_ANSWER]
    )
    lines = [
        (
            mine.count(),
            ngettext("%(n)d question is yours", "%(n)d questions are yours", mine.count()),
        ),
        (counts["new"], ngettext("%(n)d new question", "%(n)d new questions", counts["new"])),
        (
            counts["answers"],
            ngettext("%(n)d answer to publish", "%(n)d answers to publish", counts["answers"]),
        ),
        (
            counts["to_route"],
            ngettext(
                "%(n)d question to send to a unit",
                "%(n)d questions to send to units",
                counts["to_route"],
            ),
        ),
        (
            counts["bouncing"],
            ngettext(
                "%(n)d question whose letters do not arrive",
                "%(n)d questions whose letters do not arrive",
                counts["bouncing"],
            ),
        ),
    ]
    return [words % {"n": number} for number, words in lines if number]


@writes("digest")
def digest(notice: Notice) -> Letter | None:
    """None on a day when nothing waits."""
    person = _person(notice)
    lines = _waiting(person) if person else []
    if person is None or not lines:
        return None
    return _letter(
        person,
        subject=_("What waits at the desk of %(site)s") % {"site": site().name},
        paragraphs=[_("This waits today:")],
        quote="\n".join(f"– {line}" for line in lines),
        button=(_("Open the desk"), reverse("desk:queue")),
    )
