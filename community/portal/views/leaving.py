"""The way out of letters about a question that one's own was joined to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from bezpechne.accounts import access
from community.questions import links
from community.questions.actions import joining


@access.by_link()
@require_http_methods(["GET", "HEAD", "POST"])
def stop_following(request: HttpRequest, token: str) -> HttpResponse:
    """Asks first: programs that read mail open every link."""
    follower = links.follower_by(token)
    if follower is None:
        return render(request, "portal/link_dead.html", status=410)
    if request.method == "POST":
        joining.stop_following(follower=follower)
        return redirect("portal:stop_following", token)
    return render(request, "portal/stop_following.html", {"follower": follower})
