from django.urls import path

from community.desk.views import city, items, people, units

app_name = "desk"
urlpatterns = [
    path("", items.queue, name="queue"),
    path("q/<int:number>/", items.item, name="item"),
    path("q/<int:number>/publish/", items.publish, name="publish"),
    path("q/<int:number>/edit/", items.edit, name="edit"),
    path("q/<int:number>/reject/", items.reject, name="reject"),
    path("q/<int:number>/reconsider/", items.reconsider, name="reconsider"),
    path("q/<int:number>/ask-back/", items.ask_back, name="ask_back"),
    path("q/<int:number>/hide/", items.hide, name="hide"),
    path("q/<int:number>/show-again/", items.show_again, name="show_again"),
    path("q/<int:number>/route/", items.route, name="route"),
    path("q/<int:number>/routing/<int:routing>/withdraw/", items.withdraw, name="withdraw"),
    path("q/<int:number>/routing/<int:routing>/renew/", items.renew_link, name="renew_link"),
    path("q/<int:number>/answer/", items.enter_answer, name="enter_answer"),
    path(
        "q/<int:number>/answer/<int:answer>/publish/", items.publish_answer, name="publish_answer"
    ),
    path(
        "q/<int:number>/answer/<int:answer>/correct/", items.correct_answer, name="correct_answer"
    ),
    path(
        "q/<int:number>/answer/<int:answer>/send-back/",
        items.send_back_answer,
        name="send_back_answer",
    ),
    path(
        "q/<int:number>/answer/<int:answer>/take-back/",
        items.take_back_answer,
        name="take_back_answer",
    ),
    path("letter/<uuid:key>/", items.letter, name="letter"),
    path("city/", city.centre, name="centre"),
    path("units/", units.units, name="units"),
    path("units/new/", units.new_unit, name="new_unit"),
    path("units/<int:pk>/", units.edit_unit, name="edit_unit"),
    path("units/<int:pk>/liaison/", units.make_liaison, name="make_liaison"),
    path("units/<int:pk>/active/", units.set_active, name="set_active"),
    path("units/<int:pk>/test-mail/", units.test_mail, name="test_mail"),
    path("staff/", people.staff, name="staff"),
    path("staff/invitations/<int:pk>/resend/", people.resend, name="resend"),
    path("staff/invitations/<int:pk>/revoke/", people.revoke, name="revoke"),
    path("staff/<int:pk>/deactivate/", people.deactivate, name="deactivate"),
    path("staff/<int:pk>/reactivate/", people.reactivate, name="reactivate"),
    path("staff/<int:pk>/role/", people.change_role, name="change_role"),
    path("staff/<int:pk>/second-factor/reset/", people.reset_factor, name="reset_factor"),
    path("staff/<int:pk>/sessions/end/", people.end_sessions, name="end_staff_sessions"),
]
