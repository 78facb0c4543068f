from django.core.management.base import BaseCommand

from provisioning.gazetteer.loading import load_gazetteer


class Command(BaseCommand):
    help = "Load the gazetteer of hromadas into the database; may be repeated."

    def handle(self, **options: object) -> None:
        self.stdout.write(f"{load_gazetteer()} hromadas loaded.")
