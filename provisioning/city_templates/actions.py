"""Copying, changing, restoring and deleting templates: the only writers of the table."""

from itertools import count

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from provisioning.city_templates.contents import Contents, originals, problems
from provisioning.journal import note
from provisioning.models import CityTemplate
from tenants.models import City
from tenants.romanisation import slugify_uk

_CODE_LENGTH = 36


class TemplateRefused(ValueError):
    """`sentences` say what to mend, one each."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def _check(contents: Contents) -> None:
    if found := problems(contents):
        raise TemplateRefused(*found)


def _free_code(name: str) -> str:
    stem = slugify_uk(name).replace("-", "_")[:_CODE_LENGTH].strip("_") or "template"
    taken = set(CityTemplate.objects.values_list("code", flat=True)) | originals().keys()
    tries = (stem if number == 1 else f"{stem}_{number}" for number in count(1))
    return next(code for code in tries if code not in taken)


@transaction.atomic
def copy(*, by: Actor, contents: Contents, name_uk: str, name_en: str) -> CityTemplate:
    """A new template of the operators' own; its code comes from its name."""
    by.require(Permission.OPERATE)
    _check(contents)
    row = CityTemplate.objects.create(
        code=_free_code(name_en or name_uk), name_uk=name_uk, name_en=name_en, **contents.columns()
    )
    note(by=by, action="template_made", template=row.code)
    return row


@transaction.atomic
def save(
    *, by: Actor, template: CityTemplate, contents: Contents, name_uk: str, name_en: str
) -> CityTemplate:
    """Changes what cities made from now on start with; existing cities keep what they have."""
    by.require(Permission.OPERATE)
    _check(contents)
    row = CityTemplate.objects.select_for_update().get(pk=template.pk)
    row.name_uk, row.name_en, row.changed_at = name_uk, name_en, clock.now()
    for column, value in contents.columns().items():
        setattr(row, column, value)
    row.save()
    note(by=by, action="template_changed", template=row.code)
    return row


@transaction.atomic
def restore(*, by: Actor, code: str) -> CityTemplate:
    """A built-in template as it was shipped, also when its row is gone."""
    by.require(Permission.OPERATE)
    original = originals().get(code)
    if original is None:
        raise TemplateRefused(_("Only a built-in template has an original to restore."))
    row, _made = CityTemplate.objects.update_or_create(
        code=code,
        defaults={
            "name_uk": original["name_uk"],
            "name_en": original["name_en"],
            "is_built_in": True,
            "changed_at": clock.now(),
            **Contents.read(original).columns(),
        },
    )
    note(by=by, action="template_restored", template=code)
    return row


@transaction.atomic
def delete(*, by: Actor, template: CityTemplate) -> None:
    """Takes away a copy that no city was made of."""
    by.require(Permission.OPERATE)
    row = CityTemplate.objects.select_for_update().get(pk=template.pk)
    if row.is_built_in:
        raise TemplateRefused(_("A built-in template stays. Restore its original instead."))
    cities = City.objects.filter(template_code=row.code).count()
    if cities:
        raise TemplateRefused(
            ngettext(
                "%(cities)d city was made of this template, so it stays in the list.",
                "%(cities)d cities were made of this template, so it stays in the list.",
                cities,
            )
            % {"cities": cities}
        )
    row.delete()
    note(by=by, action="template_deleted", template=row.code)
