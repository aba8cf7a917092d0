"""Every address of the set-up but the one strangers come back to; `{key}` is a key's number."""

from clients.setup.urls import urlpatterns

ADDRESSES = [
    "/" + str(one.pattern).replace("<int:pk>", "{key}").replace("<slug:name>", "staff")
    for one in urlpatterns
    if one.name != "setup-approved"
]
