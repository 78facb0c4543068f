"""Secret links of the asker: to confirm, to the page «check your mail», to follow."""

from bezpechne.kernel import tokens
from community.questions.models import Asker, Follower, Question

CONFIRM, PENDING, FOLLOW = "confirm", "pending", "follow"
NEW_ADDRESS = "new_address"
FOLLOWER = "follower"


def confirm_token(asker: Asker) -> str:
    return tokens.make(CONFIRM, asker.pk, asker.confirm_version)


def confirm_code(asker: Asker) -> str:
    """Six digits, new with each resend."""
    return tokens.code(CONFIRM, asker.pk, asker.confirm_version)


def new_address_code(asker: Asker) -> str:
    """Six digits for the new mailbox."""
    return tokens.code(NEW_ADDRESS, asker.pk, asker.new_email_version)


def pending_token(asker: Asker) -> str:
    return tokens.make(PENDING, asker.pk, 1)


def follow_token(asker: Asker) -> str:
    return tokens.make(FOLLOW, asker.pk, asker.follow_version)


def stamp(asker: Asker) -> None:
    """Stores the hashes of the links in force; the caller saves."""
    asker.confirm_hash = tokens.hashed(confirm_token(asker))
    asker.pending_hash = tokens.hashed(pending_token(asker))
    asker.follow_hash = tokens.hashed(follow_token(asker))


def asker_by(kind: str, token: str) -> Asker | None:
    """The asker behind a link of one kind, with the question; None for any other text."""
    field = {CONFIRM: "confirm_hash", PENDING: "pending_hash", FOLLOW: "follow_hash"}[kind]
    askers = Asker.objects.select_related("question", "question__topic")
    return askers.filter(**{field: tokens.hashed(token)}).first()


def follower_token(question: Question) -> str:
    """Ends the letters to whoever asked a question that was joined to another."""
    return tokens.make(FOLLOWER, question.pk, 1)


def follower_hash(question: Question) -> str:
    return tokens.hashed(follower_token(question))


def follower_by(token: str) -> Follower | None:
    """The follower behind a link; None for any other text."""
    rows = Follower.objects.select_related("question", "from_question")
    return rows.filter(token_hash=tokens.hashed(token)).first()
