from django.urls import path, register_converter

from community.timesheet import months
from community.timesheet.views import own, review

register_converter(months.MonthConverter, "month")
register_converter(months.DayConverter, "day")

app_name = "hours"
urlpatterns = [
    path("", own.now, name="now"),
    path("<month:month>/", own.month, name="month"),
    path("<month:month>/submit/", own.submit, name="submit"),
    path("<month:month>/take-back/", own.take_back, name="take_back"),
    path("<month:month>/hours.csv", own.csv, name="csv"),
    path("day/<day:day>/", own.day, name="day"),
    path("review/", review.review, name="review"),
    path("review/<month:month>/hours.csv", review.review_csv, name="review_csv"),
    path("review/<int:pk>/", review.sheet, name="sheet"),
    path("review/<int:pk>/approve/", review.approve, name="approve"),
    path("review/<int:pk>/send-back/", review.send_back, name="send_back"),
    path("review/<int:pk>/reopen/", review.reopen, name="reopen"),
    path("review/<int:pk>/close/", review.close, name="close"),
]
