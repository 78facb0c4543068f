"""`manage.py make_bucket`: the bucket for files, on an S3 server of one's own."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from bezpechne.kernel import storage


class Command(BaseCommand):
    help = "Creates the S3 bucket of the settings unless it is there."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.S3_BUCKET:
            self.stdout.write(f"No S3_BUCKET: files lie in {settings.MEDIA_ROOT}.")
            return
        made = storage.make_bucket()
        self.stdout.write(f"{settings.S3_BUCKET}: {'created' if made else 'there already'}.")
