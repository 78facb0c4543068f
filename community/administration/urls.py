from django.urls import path

from community.administration.views import activity, hub, maps, overview, privacy, topics, units_csv

app_name = "administration"
urlpatterns = [
    path("city/", hub.city, name="city"),
    path("city/map/", maps.place, name="map"),
    path("city/map/basemap/", maps.basemap, name="basemap"),
    path("city/map/outline/", maps.outline, name="outline"),
    path("city/map/outline/none/", maps.no_outline, name="no_outline"),
    path("city/map/outline/<int:pk>/", maps.preview, name="outline_preview"),
    path("city/map/outline/<int:pk>/drop/", maps.drop, name="drop_outline"),
    path("city/map/<int:pk>/restore/", maps.restore, name="restore_place"),
    path("city/topics/", topics.topics, name="topics"),
    path("city/topics/add/", topics.add_known, name="add_known_topics"),
    path("city/topics/new/", topics.new_topic, name="new_topic"),
    path("city/topics/<int:pk>/", topics.edit_topic, name="edit_topic"),
    path("city/topics/<int:pk>/move/", topics.move_topic, name="move_topic"),
    path("city/topics/<int:pk>/active/", topics.set_active, name="set_topic_active"),
    path("city/topics/<int:pk>/delete/", topics.delete_topic, name="delete_topic"),
    path("city/privacy/", privacy.privacy, name="privacy"),
    path("overview/", overview.overview, name="overview"),
    path("activity/", activity.activity, name="activity"),
    path("activity/activity.csv", activity.activity_csv, name="activity_csv"),
    path("units/import/", units_csv.send, name="send_units"),
    path("units/import/<uuid:key>/", units_csv.look, name="unit_file"),
    path("units/import/<uuid:key>/drop/", units_csv.drop, name="drop_unit_file"),
    path("units/units.csv", units_csv.export, name="units_csv"),
]
