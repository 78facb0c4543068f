"""Where Stripe knocks: the signature is checked, the event kept, the rest is a job's work."""

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bezpechne.accounts import access
from billing import stripe_gateway
from billing.stripe import inbox
from billing.stripe.intents import is_on

# An invoice with all its lines is a tenth of it.
MOST_BYTES = 256 * 1024


@access.public(before_launch=True)
@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """200 once the event is kept, or was before; 400 for what Stripe did not sign; 413 for too much."""
    if not is_on() or not settings.STRIPE_WEBHOOK_SECRET:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    body = request.body
    try:
        stripe_gateway.check_signature(body, request.headers.get("Stripe-Signature", ""))
        inbox.take(json.loads(body))
    except (stripe_gateway.Forged, ValueError, LookupError, TypeError, AttributeError):
        return HttpResponse(status=400)
    return HttpResponse(status=200)
