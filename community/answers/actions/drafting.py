"""The unfinished answer, kept on the server for whoever holds the link."""

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.kernel import clock
from community.answers import links
from community.answers.actions.answering import Words
from community.answers.actions.routing import by_link, drop_draft
from community.answers.models import Answer, Draft, Routing
from community.answers.states import AnswerState
from community.questions.states import StateChangeRefused


def base_of(routing: Routing) -> str:
    """Which sent answer a draft corrects: its last change; blank before the first."""
    row = Answer.objects.filter(routing=routing, state=AnswerState.SUBMITTED).first()
    return row.changed_at.isoformat() if row else ""


@transaction.atomic
def keep(
    *, routing: Routing, words: Words, base: str, door: links.Door | None = None
) -> Draft | None:
    """None when nothing is written: an emptied draft is gone.

    Raises StateChangeRefused: a page from before the answer was sent must not bring it back.
    """
    routing, _door = by_link(routing, door)
    if base != base_of(routing):
        raise StateChangeRefused(
            _("An answer was sent in the meantime. Open the page anew before you write on.")
        )
    if not (words.text or words.competence or words.next_step):
        drop_draft(routing)
        return None
    draft, _made = Draft.objects.update_or_create(
        routing=routing,
        defaults={
            "text": words.text,
            "competence": words.competence,
            "next_step": words.next_step,
            "changed_at": clock.now(),
        },
    )
    return draft
