"""To whom questions of a topic go by default."""

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from community.answers.actions.units import UnitRefused
from community.answers.models import TopicRoute, Unit
from community.questions.models import Topic


@transaction.atomic
def set_default_unit(*, by: Actor, topic: Topic, unit: Unit | None) -> None:
    """None: the liaison, as for topics that nobody has decided about."""
    by.require(Permission.ADMINISTER)
    Topic.objects.select_for_update().get(pk=topic.pk)
    found = TopicRoute.objects.filter(topic=topic).first()
    old = found.unit_id if found else None
    if old == (unit.pk if unit else None):
        return
    if unit is None:
        TopicRoute.objects.filter(topic=topic).delete()
    else:
        if not Unit.objects.filter(pk=unit.pk, is_active=True).exists():
            raise UnitRefused(_("Only an active unit can get questions by default."))
        TopicRoute.objects.update_or_create(topic=topic, defaults={"unit": unit})
    record(
        by=by,
        subject=topic,
        action="topic_routed",
        old={"unit": old},
        new={"unit": unit.pk if unit else None},
    )
