from django.apps import AppConfig


class AnswersConfig(AppConfig):
    name = "community.answers"
    label = "answers"
