from django.urls import path

from community.administration.views import hub, topics

app_name = "administration"
urlpatterns = [
    path("city/", hub.city, name="city"),
    path("city/topics/", topics.topics, name="topics"),
    path("city/topics/add/", topics.add_known, name="add_known_topics"),
    path("city/topics/new/", topics.new_topic, name="new_topic"),
    path("city/topics/<int:pk>/", topics.edit_topic, name="edit_topic"),
    path("city/topics/<int:pk>/move/", topics.move_topic, name="move_topic"),
    path("city/topics/<int:pk>/active/", topics.set_active, name="set_topic_active"),
    path("city/topics/<int:pk>/delete/", topics.delete_topic, name="delete_topic"),
]
