"""What Stripe itself calls on the platform's host, under /stripe/."""

from django.urls import path

from billing.stripe import webhook

app_name = "stripe"
urlpatterns = [path("webhook/", webhook.receive, name="webhook")]
