"""What the e-mails about questions and answers say."""

from dataclasses import replace

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import history_of
from bezpechne.kernel.mail.letters import Letter
from bezpechne.kernel.mail.outbox import writes
from bezpechne.kernel.site import Site, site
from community.answers import links as unit_links
from community.answers.models import Answer, Pass, Routing, Unit
from community.answers.queries import published_answer, sent_back_note
from community.answers.states import AnswerState, LinkScope
from community.notices.models import Notice
from community.questions import links
from community.questions.actions.asking import CONFIRM_DAYS
from community.questions.models import Asker, Follower, Remark
from community.questions.states import QuestionState
from tenants.current import current_city


def _asker(notice: Notice) -> Asker | None:
    """None when the question was deleted in the meantime."""
    askers = Asker.objects.select_related("question", "question__topic")
    return askers.filter(question_id=notice.question_id or 0).first()


def _newest(asker: Asker, action: str) -> int:
    """Number of the newest history row of an action; the notice's version is its own row."""
    entry = history_of(asker.question).filter(action=action).last()
    return entry.pk if entry else 0


def _follow(here: Site, asker: Asker) -> str:
    return here.absolute(reverse("portal:follow", args=[links.follow_token(asker)]))


def _public(asker: Asker) -> str:
    return site().absolute(reverse("portal:question", args=[asker.question.pk]))


def _to_resident(
    asker: Asker,
    *,
    subject: str,
    paragraphs: list[str],
    button: tuple[str, str] | None = None,
    quote: str = "",
    quote_label: str = "",
    code: str = "",
    after: tuple[str, ...] = (),
) -> Letter:
    here = site()
    return Letter(
        to=asker.email,
        subject=subject % {"number": asker.question.pk, "site": here.name},
        paragraphs=paragraphs,
        button=button or (_("See your question"), _follow(here, asker)),
        quote=quote,
        quote_label=quote_label,
        code=code,
        after=(*after, _("This service does not replace 102. In danger call 102 or 112.")),
        site=here.name,
        site_url=here.url,
        reply_to=here.reply_to,
    )


@writes("confirm", at_once=True)
def confirm(notice: Notice) -> Letter | None:
    """None when confirmed already or sent anew since."""
    asker = _asker(notice)
    if (
        asker is None
        or asker.question.state != QuestionState.UNCONFIRMED
        or asker.confirm_version != notice.version
    ):
        return None
    path = reverse("portal:confirm", args=[links.confirm_token(asker)])
    return _to_resident(
        asker,
        subject=_("Confirm your question № %(number)s"),
        paragraphs=[
            _("You wrote a question on %(site)s. Confirm that this address is yours.")
            % {"site": site().name},
            _("Type this code on the page, or open the link."),
        ],
        code=links.confirm_code(asker),
        button=(_("Confirm the question"), site().absolute(path)),
        after=(
            _("Without confirmation the question is deleted in %(days)s days.")
            % {"days": CONFIRM_DAYS},
            _("If it was not you, do nothing: no more letters will come."),
        ),
    )


@writes("received")
def received(notice: Notice) -> Letter | None:
    asker = _asker(notice)
    if asker is None:
        return None
    return _to_resident(
        asker,
        subject=_("Your question № %(number)s is received"),
        paragraphs=[
            _(
                "This question will not be published: only the moderator and the body that answers will see it."
            )
            if asker.question.is_private
            else _("A moderator reads your question before it appears on the map."),
            _("Keep this letter: its link shows where your question is. Only you have it."),
        ],
        quote=asker.question.text,
        quote_label=_("You wrote"),
    )


@writes("published")
def published(notice: Notice) -> Letter | None:
    asker = _asker(notice)
    if asker is None or not asker.question.is_public:
        return None
    return _to_resident(
        asker,
        subject=_("Your question № %(number)s is published"),
        paragraphs=[
            _("It is on the map with a red pin. We are passing it to those who can answer."),
            _("You will get a letter when the answer is there."),
        ],
        quote=asker.question.public_text,
        quote_label=_("Published text"),
    )


@writes("taken_on")
def taken_on(notice: Notice) -> Letter | None:
    """A private question, where others hear that theirs is published."""
    asker = _asker(notice)
    if asker is None or not (asker.question.is_private and asker.question.is_live):
        return None
    return _to_resident(
        asker,
        subject=_("Your question № %(number)s is with those who answer"),
        paragraphs=[
            _("The moderator has read it and passed it on. It is not published."),
            _("You will get a letter when the answer is there."),
        ],
    )


@writes("rejected")
def rejected(notice: Notice) -> Letter | None:
    """None when it was reconsidered since, or rejected anew for another reason."""
    asker = _asker(notice)
    if asker is None or asker.question.state != QuestionState.REJECTED:
        return None
    if _newest(asker, "rejected") != notice.version:
        return None
    private = asker.question.is_private
    return _to_resident(
        asker,
        subject=_("Your question № %(number)s is closed")
        if private
        else _("Your question № %(number)s was not published"),
        paragraphs=[
            _("The moderator closed your question without an answer.")
            if private
            else _("The moderator could not publish your question.")
        ],
        quote=asker.question.rejection_reason,
        quote_label=_("Reason"),
        after=(_("You may write a new question that takes this into account."),),
    )


@writes("clarification")
def clarification(notice: Notice) -> Letter | None:
    asker = _asker(notice)
    if asker is None or asker.question.state != QuestionState.CLARIFICATION:
        return None
    remark = Remark.objects.filter(question=asker.question, from_resident=False).last()
    return _to_resident(
        asker,
        subject=_("The moderator asks about your question № %(number)s"),
        paragraphs=[
            _("To pass your question on, the moderator needs to know:")
            if asker.question.is_private
            else _("To publish your question, the moderator needs to know:")
        ],
        quote=remark.text if remark else "",
        button=(_("Reply"), _follow(site(), asker)),
    )


@writes("hidden")
def hidden(notice: Notice) -> Letter | None:
    asker = _asker(notice)
    if asker is None or asker.question.state != QuestionState.HIDDEN:
        return None
    if _newest(asker, "hidden") != notice.version:
        return None
    return _to_resident(
        asker,
        subject=_("Your question № %(number)s was taken off the map"),
        paragraphs=[_("The moderator took your question off the public pages.")],
        quote=asker.question.hidden_reason,
        quote_label=_("Reason"),
    )


@writes("answered")
def answered(notice: Notice) -> Letter | None:
    asker = _asker(notice)
    answer = published_answer(asker.question) if asker else None
    if asker is None or answer is None:
        return None
    parts = (answer.public_text, answer.public_competence, answer.public_next_step)
    return _to_resident(
        asker,
        subject=_("There is an answer to your question № %(number)s"),
        paragraphs=[_("%(unit)s answered:") % {"unit": answer.unit.name}],
        quote="\n\n".join(part for part in parts if part),
        button=(_("See the answer, say whether it helped"), _follow(site(), asker)),
        after=(
            _("This question is private: nobody else can read the answer.")
            if asker.question.is_private
            else _("The page that everybody reads: %(url)s") % {"url": _public(asker)},
        ),
    )


@writes("joined")
def joined(notice: Notice) -> Letter | None:
    """None when it was separated since, or joined anew to another."""
    asker = _asker(notice)
    other = asker.question.duplicate_of if asker else None
    if asker is None or other is None or _newest(asker, "joined") != notice.version:
        return None
    paragraphs = [
        _("Question № %(other)s says the same, so the moderator joined yours to it.")
        % {"other": other.pk}
    ]
    button = None
    if other.state == QuestionState.ANSWERED:
        paragraphs.append(_("It is answered already."))
    else:
        paragraphs.append(_("You will get a letter when its answer is there."))
    if other.is_public:
        path = reverse("portal:question", args=[other.pk])
        button = (_("See question № %(other)s") % {"other": other.pk}, site().absolute(path))
    return _to_resident(
        asker,
        subject=_("Your question № %(number)s is joined to another"),
        paragraphs=paragraphs,
        button=button,
        quote=asker.question.text,
        quote_label=_("You wrote"),
    )


def _followed(notice: Notice) -> tuple[Follower, Asker, Answer] | None:
    """None when they left, their question was deleted or the answer is not public any more."""
    rows = Follower.objects.select_related("question", "from_question__asker")
    follower = rows.filter(pk=notice.recipient_id or 0, left_at=None).first()
    answer = (
        published_answer(follower.question) if follower and follower.question.is_public else None
    )
    asker = getattr(follower.from_question, "asker", None) if follower else None
    if follower is None or answer is None or asker is None:
        return None
    return follower, asker, answer


def _to_follower(
    follower: Follower, asker: Asker, *, subject: str, paragraphs: list[str], quote: str
) -> Letter:
    here = site()
    leave = reverse("portal:stop_following", args=[links.follower_token(follower.from_question)])
    return _to_resident(
        asker,
        subject=subject % {"other": follower.question_id},
        paragraphs=paragraphs,
        quote=quote,
        button=(
            _("See the answer"),
            here.absolute(reverse("portal:question", args=[follower.question_id])),
        ),
        after=(_("No more letters about it: %(link)s") % {"link": here.absolute(leave)},),
    )


@writes("answered_follower")
def answered_follower(notice: Notice) -> Letter | None:
    """To whoever asked a question that was joined to this one."""
    found = _followed(notice)
    if found is None:
        return None
    follower, asker, answer = found
    parts = (answer.public_text, answer.public_competence, answer.public_next_step)
    return _to_follower(
        follower,
        asker,
        subject=_("There is an answer to question № %(other)s, to which yours is joined"),
        paragraphs=[_("%(unit)s answered:") % {"unit": answer.unit.name}],
        quote="\n\n".join(part for part in parts if part),
    )


@writes("corrected_follower")
def corrected_follower(notice: Notice) -> Letter | None:
    """To the same people, when that answer is corrected."""
    found = _followed(notice)
    if found is None:
        return None
    follower, asker, answer = found
    return _to_follower(
        follower,
        asker,
        subject=_("The answer to question № %(other)s, to which yours is joined, was corrected"),
        paragraphs=[_("What was corrected: %(note)s") % {"note": answer.correction_note}],
        quote=answer.public_text,
    )


@writes("corrected")
def corrected(notice: Notice) -> Letter | None:
    asker = _asker(notice)
    answer = published_answer(asker.question) if asker else None
    if asker is None or answer is None or not asker.question.is_live:
        return None
    return _to_resident(
        asker,
        subject=_("The answer to your question № %(number)s was corrected"),
        paragraphs=[_("What was corrected: %(note)s") % {"note": answer.correction_note}],
        quote=answer.public_text,
        button=(
            _("See the answer"),
            _follow(site(), asker) if asker.question.is_private else _public(asker),
        ),
    )


@writes("new_address", at_once=True)
def new_address(notice: Notice) -> Letter | None:
    """To the new address: a code alone, for a mistyped address must not open the question."""
    asker = _asker(notice)
    if asker is None or not asker.new_email or asker.new_email_version != notice.version:
        return None
    here = site()
    return Letter(
        to=asker.new_email,
        subject=_("Confirm the new address for question № %(number)s")
        % {"number": asker.question_id},
        paragraphs=[
            _("Letters about a question on %(site)s are to come to this address.")
            % {"site": here.name},
            _("Type this code on the page of the question. It works for a day."),
        ],
        code=links.new_address_code(asker),
        after=(_("If it was not you, do nothing: no more letters will come."),),
        site=here.name,
        site_url=here.url,
        reply_to=here.reply_to,
    )


@writes("address_changed")
def address_changed(notice: Notice) -> Letter | None:
    """To the address before."""
    asker = _asker(notice)
    if asker is None or not asker.former_email or asker.new_email_version != notice.version:
        return None
    letter = _to_resident(
        asker,
        subject=_("Letters about question № %(number)s go to another address"),
        paragraphs=[
            _("The address for letters about your question was changed and confirmed."),
            _("This is the last letter to this address. The link to your question still works."),
        ],
        after=(_("If it was not you, open your question and set your address again."),),
    )
    return replace(letter, to=asker.former_email)


@writes("reopen_declined")
def reopen_declined(notice: Notice) -> Letter | None:
    """The desk read that the answer did not help and keeps it."""
    asker = _asker(notice)
    if asker is None or not asker.question.is_answered:
        return None
    entry = history_of(asker.question).filter(action="reopen_declined", pk=notice.version).first()
    return _to_resident(
        asker,
        subject=_("About your request to reopen question № %(number)s"),
        paragraphs=[_("The moderator read why the answer did not help. The answer stays.")],
        quote=entry.note if entry else "",
        quote_label=_("The moderator writes"),
    )


@writes("lost_link", at_once=True)
def lost_link(notice: Notice) -> Letter | None:
    """Links to the address's last ten questions in this city."""
    asker = _asker(notice)
    if asker is None:
        return None
    here = site()
    same = Asker.objects.filter(email__iexact=asker.email).select_related("question")
    rows = same.exclude(question__state=QuestionState.UNCONFIRMED).order_by("-id")[:10]
    lines = [f"№ {row.question_id}: {_follow(here, row)}" for row in rows]
    return _to_resident(
        asker,
        subject=_("Links to your questions on %(site)s"),
        paragraphs=[_("Somebody, probably you, asked for the links to your questions.")],
        quote="\n".join(lines),
        after=(_("If it was not you, do nothing: only this mailbox has the links."),),
    )


def _to_unit(
    unit: Unit,
    *,
    subject: str,
    paragraphs: list[str],
    button: tuple[str, str] | None = None,
    quote: str = "",
    quote_label: str = "",
    after: tuple[str, ...] = (),
    to: str = "",
) -> Letter | None:
    """`to`: a colleague in the unit; the unit's mailbox without it."""
    if not (to or unit.email):
        return None
    here = site()
    return Letter(
        to=to or unit.email,
        subject=subject,
        paragraphs=paragraphs,
        button=button,
        quote=quote,
        quote_label=quote_label,
        after=(*after, *_desk_phone()),
        site=here.name,
        site_url=here.url,
        reply_to=here.reply_to,
    )


def _desk_phone() -> tuple[str, ...]:
    """How to ask the desk by voice, where the city has given its number."""
    phone = current_city().contact_phone
    return (_("The moderator's phone: %(phone)s.") % {"phone": phone},) if phone else ()


def _until(routing: Routing) -> str:
    """What the link opens and for how long."""
    sentence = (
        _(
            "No account is needed. The link opens all open questions of your unit and works until %(date)s."
        )
        if routing.unit.link_scope == LinkScope.UNIT
        else _("No account is needed. The link opens this question alone and works until %(date)s.")
    )
    return sentence % {
        "date": date_format(routing.expires_at.astimezone(clock.KYIV), "DATE_FORMAT")
    }


def _page(token: str) -> str:
    return site().absolute(reverse("answers:page", args=[token]))


def _routing(notice: Notice) -> Routing | None:
    rows = Routing.objects.select_related("unit", "question")
    return rows.filter(pk=notice.recipient_id or 0).first()


@writes("routed")
def routed(notice: Notice) -> Letter | None:
    """None when withdrawn or sent anew since."""
    routing = _routing(notice)
    if routing is None or not unit_links.usable(routing) or routing.version != notice.version:
        return None
    paragraphs = [
        _("It is private: you read it by the link, and only the resident reads the answer.")
        if routing.question.is_private
        else _("Residents of the city see this question on the map and wait for your answer."),
    ]
    if routing.note and not routing.question.is_private:
        paragraphs.append(_("The moderator adds: %(note)s") % {"note": routing.note})
    return _to_unit(
        routing.unit,
        subject=_("Question № %(number)s for your unit") % {"number": routing.question_id},
        paragraphs=paragraphs,
        # A private one has no public text, and no word about it stays in a mailbox that many read.
        quote=routing.question.public_text,
        quote_label=_("Question"),
        button=(_("Open and answer"), _page(unit_links.token(routing))),
        after=(_until(routing),),
    )


@writes("routing_withdrawn")
def routing_withdrawn(notice: Notice) -> Letter | None:
    routing = _routing(notice)
    return _nothing_to_do(routing) if routing else None


@writes("pass_withdrawn")
def pass_withdrawn(notice: Notice) -> Letter | None:
    """The same to the colleague to whom the unit had passed the question on.

    Also when the unit took it back, or got a fresh link: then there is no reason to tell.
    """
    routing = _routing(notice)
    passed = Pass.objects.filter(pk=notice.subject_id).first()
    return _nothing_to_do(routing, to=passed.email) if routing and passed else None


def _nothing_to_do(routing: Routing, to: str = "") -> Letter | None:
    is_private = routing.question.is_private
    return _to_unit(
        routing.unit,
        to=to,
        subject=_("Question № %(number)s no longer waits for you")
        % {"number": routing.question_id},
        paragraphs=[
            _("The question was taken back. You need not answer it."),
            *([routing.end_reason] if routing.end_reason and not is_private else []),
        ],
    )


@writes("answer_sent_back")
def answer_sent_back(notice: Notice) -> Letter | None:
    routing = _routing(notice)
    if routing is None or not unit_links.usable(routing):
        return None
    answer = Answer.objects.filter(pk=notice.subject_id).first()
    is_private = routing.question.is_private
    passed = unit_links.holder(routing)
    token = unit_links.pass_token(passed) if passed else unit_links.token(routing)
    return _to_unit(
        routing.unit,
        to=passed.email if passed else "",
        subject=_("Please complete the answer to question № %(number)s")
        % {"number": routing.question_id},
        paragraphs=[
            _("What is missing is written on the page of the question.")
            if is_private
            else _("The moderator writes: %(note)s") % {"note": sent_back_note(routing)}
        ],
        quote=answer.text if answer and not is_private else "",
        quote_label=_("Your answer"),
        button=(_("Open and answer"), _page(token)),
    )


@writes("answer_receipt")
def answer_receipt(notice: Notice) -> Letter | None:
    """To the unit's mailbox, whoever in it answered; None when the answer was sent back since."""
    routing = _routing(notice)
    answer = Answer.objects.filter(pk=notice.subject_id).first()
    if routing is None or answer is None or answer.state == AnswerState.WITHDRAWN:
        return None
    moment = date_format(answer.created_at.astimezone(clock.KYIV), "DATETIME_FORMAT")
    is_private = routing.question.is_private
    parts = () if is_private else (answer.text, answer.competence, answer.next_step)
    return _to_unit(
        routing.unit,
        subject=_("Your answer to question № %(number)s is with the moderator")
        % {"number": routing.question_id},
        paragraphs=[
            _("Sent on %(moment)s. Keep this letter as a receipt.") % {"moment": moment},
            _("The moderator reads the answer, then the resident. Until then you can correct it.")
            if is_private
            else _(
                "The moderator reads the answer, then publishes it. Until then you can correct it."
            ),
        ],
        quote="\n\n".join(part for part in parts if part),
        quote_label=_("Your answer"),
        button=(_("See the answer"), _page(unit_links.token(routing))),
    )


@writes("passed_on")
def passed_on(notice: Notice) -> Letter | None:
    """To the colleague; None when it was taken back since or the routing has ended."""
    passed = Pass.objects.filter(pk=notice.subject_id, taken_back_at=None).first()
    routing = _routing(notice)
    if routing is None or passed is None or not unit_links.usable(routing):
        return None
    told = {"unit": routing.unit.name}
    paragraphs = [
        _("A colleague in your unit (%(unit)s) asks you to answer a resident's question.") % told
    ]
    if passed.note:
        paragraphs.append(_("Note: %(note)s") % {"note": passed.note})
    until = date_format(routing.expires_at.astimezone(clock.KYIV), "DATE_FORMAT")
    return _to_unit(
        routing.unit,
        to=passed.email,
        subject=_("Question № %(number)s was passed on to you") % {"number": routing.question_id},
        paragraphs=paragraphs,
        quote=routing.question.public_text,
        quote_label=_("Question"),
        button=(_("Open and answer"), _page(unit_links.pass_token(passed))),
        after=(
            _("No account is needed. The link is yours alone and works until %(date)s.")
            % {"date": until},
        ),
    )


@writes("unit_test")
def unit_test(notice: Notice) -> Letter | None:
    unit = Unit.objects.filter(pk=notice.recipient_id or 0).first()
    if unit is None:
        return None
    return _to_unit(
        unit,
        subject=_("Test letter from %(site)s") % {"site": site().name},
        paragraphs=[
            _("This address is set for: %(unit)s.") % {"unit": unit.name},
            _("If you read this, questions from residents will reach you. Tell the city so."),
        ],
        button=(
            _("Confirm the address"),
            site().absolute(
                reverse("answers:confirm_address", args=[unit.pk, unit_links.address_token(unit)])
            ),
        ),
    )
