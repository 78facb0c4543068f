"""Web server, worker, database, mail server and S3 are killed in the middle of the journeys.

Two hundred kills: `python -m tests.bench.drills 200`.
"""

import random
import re
from collections.abc import Iterator

import pytest

from tests.bench.drills.soak import Soak

KILLS = 10


@pytest.fixture(scope="module")
def soak() -> Iterator[Soak]:
    """After ten kills, with an empty queue. Another plan each time; a failure says which."""
    with Soak(random.SystemRandom().randrange(10**6)) as made:
        made.batch(KILLS)
        yield made


def test_ten_kills_lose_nothing_and_do_nothing_twice(soak: Soak) -> None:
    result = soak.result
    assert not result.faults, "\n".join([result.told(), *result.faults, soak.logs()])
    assert any(one.finished for one in result.sent), result.told()
    assert soak.sweep() == []
    assert {kill.kind for kill in soak.scene.kills} == {"web", "worker", "database", "smtp", "s3"}


def test_the_drill_notices_what_is_lost_and_what_happened_twice(soak: Soak) -> None:
    """The last test of the module: it spoils the scene."""
    assert soak.check() == []
    number = next(one.number for one in soak.result.sent if one.finished)
    photo, letter = (
        next(soak.scene.s3.folder.glob(f"*{part}*")) for part in ("-original", "%2Fletters%2F")
    )
    photo.write_bytes(photo.read_bytes()[:200])
    letter.unlink()
    mails = sorted(soak.scene.smtp.folder.glob("*.eml"))
    # More often than all kills together could.
    for time in range(KILLS + 1):
        again = f"{mails[-1].name.partition('-')[0]}-again-{time}.eml"
        mails[-1].with_name(again).write_bytes(mails[-1].read_bytes())
    with soak.scene.installation.database() as connection:
        connection.execute(f"SET search_path TO {soak.schema}".encode())
        connection.execute("UPDATE questions_tally SET number = number + 1")
        connection.execute("UPDATE questions_question SET state = 'hidden' WHERE id = %s", [number])
        letters = "UPDATE notices_notice SET {} WHERE question_id = %s AND kind = %s"
        connection.execute(letters.format("kind = 'answered'").encode(), [number, "received"])
        connection.execute(letters.format("id = id + 1000000").encode(), [number, "published"])
    found = "\n".join(soak.check())
    for sign in (
        "the tally says",
        f"№ {number} is hidden, its history ends with answered",
        f"№ {number} ended as hidden",
        "photos lost, spoilt",
        "the letter is lost or spoilt",
        "never came",
        f"№ {number}: 2 letters of answered for 1 events",
    ):
        assert sign in found, found
    # It may have come twice before, when the server of a letter was killed.
    assert max(map(int, re.findall(r"came (\d+) times", found))) >= KILLS + 2, found
