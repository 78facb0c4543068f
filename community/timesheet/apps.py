from django.apps import AppConfig


class TimesheetConfig(AppConfig):
    name = "community.timesheet"
    label = "timesheet"
