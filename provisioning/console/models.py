"""Tables of the console, all in `public`."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel import clock
from tenants.models import City


class CityReport(models.Model):
    """One city's figures as it last reported them; None is «not measured» or «not yet».

    `provisioning.console.reporting` is the only writer. `name_sort` orders by the Ukrainian name,
    `oblast` is the gazetteer's, both kept here for lists.
    """

    city = models.OneToOneField(
        City, on_delete=models.CASCADE, primary_key=True, related_name="report"
    )
    name_sort = models.CharField(max_length=200, blank=True)
    oblast = models.CharField(max_length=50, blank=True)
    questions_week = models.PositiveIntegerField(null=True)
    in_moderation = models.PositiveIntegerField(null=True)
    waiting = models.PositiveIntegerField(null=True)
    overdue = models.PositiveIntegerField(null=True)
    answered = models.PositiveIntegerField(null=True)
    published = models.PositiveIntegerField(null=True)
    administrators = models.PositiveIntegerField(null=True)
    moderators = models.PositiveIntegerField(null=True)
    signed_in_at = models.DateTimeField(null=True)
    active_at = models.DateTimeField(null=True)
    storage_bytes = models.BigIntegerField(null=True)
    mails_today = models.PositiveIntegerField(null=True)
    dead_jobs = models.PositiveIntegerField(null=True)
    reported_at = models.DateTimeField(null=True)
    # When its turn was last, whatever came of it: one city's trouble must not hold up the others.
    tried_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=80, blank=True)
    # When its files were last listed and weighed.
    weighed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "console_city_report"

    def __str__(self) -> str:
        return f"report of city {self.city_id}"


class Audience(models.TextChoices):
    STAFF = "staff", _("Staff: every page, after signing in")
    EVERYONE = "everyone", _("Everybody: a banner on all pages")


class Announcement(models.Model):
    """What the platform tells cities for a while; ended early, never edited.

    `slugs` empty: all cities.
    """

    text_uk = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.STAFF)
    slugs = models.JSONField(default=list)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "console_announcement"
        constraints = [
            models.CheckConstraint(
                name="console_announcement_period",
                condition=models.Q(starts_at__lte=models.F("ends_at")),
            )
        ]

    def __str__(self) -> str:
        return f"announcement {self.pk}"

    @property
    def text(self) -> str:
        """In the language in force."""
        return self.text_en if get_language() == "en" else self.text_uk

    @property
    def is_over(self) -> bool:
        return self.ends_at <= clock.now()

    @property
    def is_running(self) -> bool:
        return self.starts_at <= clock.now() < self.ends_at

    def concerns(self, slug: str) -> bool:
        return not self.slugs or slug in self.slugs


class RequestState(models.TextChoices):
    NEW = "new", _("New")
    IN_PROGRESS = "in_progress", _("In progress")
    CLOSED = "closed", _("Closed")


class JoinRequest(models.Model):
    """A hromada that wants to take part. Names and addresses go when it is long closed."""

    place = models.CharField(max_length=120)
    organisation = models.CharField(max_length=200)
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    language = models.CharField(max_length=2, default="uk")
    consented_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=RequestState.choices, default=RequestState.NEW)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "console_join_request"
        indexes = [models.Index(fields=["state", "id"], name="console_join_request_state")]
        constraints = [
            models.CheckConstraint(
                name="console_join_request_closed_has_date",
                condition=~models.Q(state="closed") | models.Q(closed_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"
