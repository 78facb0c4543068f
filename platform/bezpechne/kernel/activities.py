"""What a moderator's hours are spent on: timesheets name it, tariffs price it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Activity(models.TextChoices):
    MODERATION = "moderation", _("Moderation")
    ROUTING = "routing", _("Routing")
    ANSWERS = "answers", _("Answers")
    WORKING_GROUPS = "working_groups", _("Working groups")
    OTHER = "other", _("Other work")
