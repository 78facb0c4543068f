from django.urls import path

from provisioning.demo import codes, mailbox

app_name = "mailbox"
urlpatterns = [
    path("", mailbox.mailbox, name="list"),
    path("codes/", codes.codes, name="codes"),
    path("<str:name>/", mailbox.letter, name="letter"),
]
