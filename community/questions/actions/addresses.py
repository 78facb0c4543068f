"""Where letters about a question go, and in which language; by the holder of the private link."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.kernel import clock, throttle, tokens
from bezpechne.kernel.audit.models import record
from community.questions import events, links
from community.questions.actions.asking import (
    CODE_ATTEMPTS,
    CODE_LIFE,
    AskRefused,
    resident,
    spare_the_address,
)
from community.questions.models import Asker, Question
from community.questions.states import QuestionState

REQUESTS_A_DAY = 5
# How long the old address is known: the letter that tells it must be sent.
FORMER_LIFE = timedelta(days=7)
LANGUAGES = ("uk", "en")


def _locked(asker: Asker) -> Asker:
    rows = Asker.objects.select_for_update(of=("self",)).select_related("question")
    return rows.get(pk=asker.pk)


@transaction.atomic
def ask_new_address(*, asker: Asker, email: str, visitor: str) -> None:
    """Mails a code to the new address; letters go to the old one until it is typed in.

    The letter has no link to the question: the address may be mistyped. Raises AskRefused.
    """
    asker = _locked(asker)
    if asker.question.state == QuestionState.UNCONFIRMED:
        raise AskRefused(_("Confirm the question first."))
    if email == asker.email:
        raise AskRefused(_("Letters go to this address already."))
    day = timedelta(days=1)
    if not throttle.allow("new_address", str(asker.pk), limit=REQUESTS_A_DAY, window=day):
        raise AskRefused(_("The address was changed several times today. Try again tomorrow."))
    spare_the_address(email, visitor)
    asker.new_email = email
    asker.new_email_version += 1
    asker.new_email_sent_at, asker.new_email_attempts = clock.now(), 0
    asker.save()
    record(by=resident(asker.question), subject=asker.question, action="new_address_asked")
    events.tell("new_address_asked", asker=asker)


def confirm_new_address(*, asker: Asker, code: str) -> None:
    """Letters go to the new address from now on; the old one is told. Raises AskRefused."""
    with transaction.atomic():
        asker = _locked(asker)
        _refuse_late(asker)
        asker.new_email_attempts += 1
        asker.save(update_fields=["new_email_attempts"])
        right = tokens.code_matches(links.NEW_ADDRESS, asker.pk, asker.new_email_version, code)
        if right:
            _move_letters(asker)
    if not right:
        raise AskRefused(_("The code is not right. Look into the newest letter."))


def _refuse_late(asker: Asker) -> None:
    if not asker.new_email:
        raise AskRefused(_("No new address waits for a code."))
    sent = asker.new_email_sent_at
    if sent is None or sent < clock.now() - CODE_LIFE:
        raise AskRefused(_("This code is older than a day. Ask for a new one below."))
    if asker.new_email_attempts >= CODE_ATTEMPTS:
        raise AskRefused(_("Ten wrong codes. Ask for a new one below."))


def _move_letters(asker: Asker) -> None:
    asker.former_email, asker.email, asker.new_email = asker.email, asker.new_email, ""
    asker.email_changed_at = clock.now()
    asker.save()
    record(by=resident(asker.question), subject=asker.question, action="address_changed")
    events.tell("address_changed", asker=asker)


@transaction.atomic
def set_language(*, question: Question, language: str) -> None:
    """The language of letters from now on."""
    if language not in LANGUAGES:
        raise AskRefused(_("Choose one of the languages."))
    old = question.language
    if language == old:
        return
    Question.objects.filter(pk=question.pk).update(language=language)
    record(
        by=resident(question),
        subject=question,
        action="language_changed",
        old={"language": old},
        new={"language": language},
    )


def forget_former_addresses() -> None:
    """Old addresses that were told of the change."""
    Asker.objects.filter(email_changed_at__lt=clock.now() - FORMER_LIFE).exclude(
        former_email=""
    ).update(former_email="")
