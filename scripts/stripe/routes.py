# SPDX-License-Identifier: Apache-2.0
"""The routes of Stripe's API that the stand-in has, with Stripe's shapes and refusals.

Sources: docs.stripe.com/api, and the official SDK, which scripts/stripe/shapes.py holds against all of it. Names of
permissions that no message of Stripe's was seen to show are made by analogy: …_invoice_read, …_dispute_read, and those of
v2's event destinations."""

import copy
import datetime
import re
import secrets

import book

ENDPOINT_LIMIT = 16


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status, message, code=None, param=None, kind="invalid_request_error", **more):
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message}
        if code:
            self.error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
        if param:
            self.error["param"] = param
        self.error |= more


class Call:
    """A request whose key was found good."""

    def __init__(self, book, account, live, params, headers):
        self.book, self.account, self.live, self.params, self.headers = book, account, live, params, headers

    def take(self, *names):
        """→ the parameters' values, None where they are not given; there must be no others."""
        for name in self.params:
            if name not in names:
                raise Refusal(400, f"Received unknown parameter: {name}", "parameter_unknown", name)
        return [self.params.get(name) for name in names]

    def find(self, kind, name, param="id", status=404):
        item = self.account.objects.get(name)
        if item is None or item["object"] != kind or not book.is_of_mode(item, self.live):
            raise missing(kind, name, param, status)
        return item


def missing(kind, name, param, status):
    return Refusal(status, f"No such {kind.replace('.', ' ')}: '{name}'", "resource_missing", param)


def whole(value, param):
    if not re.fullmatch(r"-?\d{1,15}", str(value)):
        raise Refusal(400, f"Invalid integer: {value}", "parameter_invalid_integer", param)
    return int(value)


def boolean(value, param):
    if value not in ("true", "false", True, False):
        raise Refusal(400, f"Invalid boolean: {value}", "parameter_invalid_boolean", param)
    return value in ("true", True)


def reference(value):
    """The id of what is named by its id, or is there as a whole."""
    return value["id"] if isinstance(value, dict) else value


# Lists.

def page(call, url, everything, chosen, show):
    """everything: newest first; chosen: those of it that the filters admit."""
    limit = whole(call.params.get("limit", 10), "limit")
    if limit < 1:
        raise Refusal(400, "This value must be greater than or equal to 1.", "parameter_invalid_integer", "limit")
    if limit > 100:
        raise Refusal(400, "This value must be less than or equal to 100.", "parameter_invalid_integer", "limit")
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after is not None and before is not None:
        raise Refusal(400, "You may only specify one of these parameters: ending_before, starting_after.",
                      param="ending_before")
    places = {item["id"]: place for place, item in enumerate(everything)}
    cursor = after if before is None else before
    if cursor is not None and cursor not in places:
        kind = everything[0]["object"] if everything else "object"
        raise missing(kind, cursor, "ending_before" if after is None else "starting_after", 400)
    if before is not None:
        rest = [item for item in everything if places[item["id"]] < places[before] and item["id"] in chosen]
        data, more = rest[-limit:], len(rest) > limit
    else:
        start = -1 if after is None else places[after]
        rest = [item for item in everything if places[item["id"]] > start and item["id"] in chosen]
        data, more = rest[:limit], len(rest) > limit
    data = [show(item) for item in data]
    for path in expansions(call):
        for item in data:
            if path.startswith("data."):
                expand(call, item, path.removeprefix("data."))
    return {"object": "list", "url": url, "has_more": more, "data": data}


PAGING = ("limit", "starting_after", "ending_before", "expand")


def created_filter(call):
    """→ a test of a time"""
    value = call.params.get("created")
    if value is None:
        return lambda time: True
    if not isinstance(value, dict):
        second = whole(value, "created")
        return lambda time: time == second
    tests = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
    for name in value:
        if name not in tests:
            raise Refusal(400, f"Received unknown parameter: created[{name}]", "parameter_unknown", f"created[{name}]")
    bounds = [(tests[name], whole(bound, f"created[{name}]")) for name, bound in value.items()]
    return lambda time: all(test(time, bound) for test, bound in bounds)


# expand[]

# Lists that Stripe shows only on demand: those of the other kind that name this object.
LISTED = {("invoice", "payments"): ("invoice_payment", "invoice"), ("charge", "refunds"): ("refund", "charge")}


def expansions(call):
    paths = call.params.get("expand", [])
    if not isinstance(paths, list):
        raise Refusal(400, "Invalid array", param="expand")
    for path in paths:
        if len(path.split(".")) > 4:
            raise Refusal(400, "You cannot expand more than 4 levels of a property.", "property_expansion_max_depth", "expand")
    return paths


def expand(call, item, path):
    name, _, rest = path.partition(".")
    kind = item.get("object")
    if (kind, name) == ("checkout.session", "line_items"):
        items = lines_of(call.account.objects[item["id"]], "line_items")
        item[name] = embedded(items, f"/v1/checkout/sessions/{item['id']}/line_items")
    elif (kind, name) in LISTED:
        other, field = LISTED[kind, name]
        found = [other for other in call.book.objects(call.account, other, call.live) if reference(other[field]) == item["id"]]
        item[name] = embedded(call.book.newest_first(call.account, found), f"/v1/{kind}s/{item['id']}/{name}")
    elif name not in item:
        raise Refusal(400, f"This property cannot be expanded ({name}).", param="expand[0]")
    elif isinstance(item[name], str):
        item[name] = shown(call.account.objects.get(item[name], item[name]))
    if rest and item[name] is not None:
        parts = item[name]["data"] if rest.startswith("data.") else [item[name]]
        for part in parts:
            expand(call, part, rest.removeprefix("data."))


def lines_of(item, name):
    value = item.get(name) or []
    return value["data"] if isinstance(value, dict) else value


def embedded(items, url):
    """As a list is shown within an object: its beginning."""
    return {"object": "list", "data": items[:10], "has_more": len(items) > 10, "url": url}


def shown(item):
    """An object as the API shows it."""
    if not isinstance(item, dict):
        return item
    item = copy.deepcopy(item)
    if item["object"] == "invoice":
        item["lines"] = embedded(lines_of(item, "lines"), f"/v1/invoices/{item['id']}/lines")
    elif item["object"] == "checkout.session":
        item.pop("line_items", None)
    elif item["object"] == "webhook_endpoint":
        item.pop("secret", None)
    return item


# GET /v1/events

def list_events(call):
    kind, kinds, success, *_ = call.take("type", "types", "delivery_success", "created", *PAGING)
    if kind is not None and kinds is not None:
        raise Refusal(400, "You may only specify one of these parameters: type, types.", param="types")
    if kinds is not None and (not isinstance(kinds, list) or len(kinds) > 20):
        raise Refusal(400, "Invalid array: at most 20 values.", "parameter_invalid_array", "types")
    pattern = re.compile(".*".join(map(re.escape, kind.split("*")))) if kind is not None else None
    if success is not None:
        success = boolean(success, "delivery_success")
    in_time = created_filter(call)
    events = call.book.newest_first(call.account, call.book.events(call.account, call.live))
    chosen = {event["id"] for event in events
              if (pattern is None or pattern.fullmatch(event["type"]))
              and (kinds is None or event["type"] in kinds)
              and (success is None or event.get("_standin", {}).get("delivered", True) == success)
              and in_time(event["created"])}
    return page(call, "/v1/events", events, chosen, book.shown)


def get_event(call, name):
    call.take("expand")
    event = call.account.events.get(name)
    # One that is not listed yet can be fetched: its delivery may be faster than the list.
    if event is None or event["created"] < call.book.now() - book.MONTH or not book.is_of_mode(event, call.live):
        raise missing("event", name, "id", 404)
    return book.shown(event)


# Objects.

def subscription_of(invoice):
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return reference(details.get("subscription") or invoice.get("subscription"))


def named(field):
    return lambda item: reference(item.get(field))


# By path: the kind, and the filters as functions that give what has to be equal.
RESOURCES = {
    "customers": ("customer", {"email": named("email")}),
    "subscriptions": ("subscription", {"customer": named("customer"), "status": named("status")}),
    "invoices": ("invoice", {"customer": named("customer"), "subscription": subscription_of, "status": named("status"),
                             "collection_method": named("collection_method")}),
    "invoice_payments": ("invoice_payment", {"invoice": named("invoice"), "status": named("status"), "payment": None}),
    "prices": ("price", {"product": named("product"), "type": named("type"), "currency": named("currency"),
                         "active": lambda price: str(price.get("active", True)).lower()}),
    "payment_intents": ("payment_intent", {"customer": named("customer")}),
    "charges": ("charge", {"customer": named("customer"), "payment_intent": named("payment_intent")}),
    "refunds": ("refund", {"charge": named("charge"), "payment_intent": named("payment_intent")}),
    "disputes": ("dispute", {"charge": named("charge"), "payment_intent": named("payment_intent")}),
    "checkout/sessions": ("checkout.session", {
        "customer": named("customer"), "payment_intent": named("payment_intent"), "subscription": named("subscription"),
        "status": named("status")}),
}
REFERENCES = {"customer", "subscription", "invoice", "payment_intent", "charge"}


def list_objects(call, path):
    kind, filters = RESOURCES[path]
    values = dict(zip(filters, call.take(*filters, "created", *PAGING)))
    for name in REFERENCES & filters.keys():
        if values[name] is not None:
            call.find(name, values[name], name, 400)
    in_time = created_filter(call)
    # Without status, no canceled ones; with "all", those too.
    ended = () if kind != "subscription" or values["status"] else ("canceled", "incomplete_expired")
    if kind == "subscription" and values["status"] == "all":
        values["status"] = None
    payment = values.pop("payment", None)
    wanted = [(filters[name], value) for name, value in values.items() if value is not None]
    if payment is not None:
        intent = payment.get("payment_intent") if isinstance(payment, dict) else None
        wanted.append((lambda item: reference(item["payment"].get("payment_intent")), intent))
    items = call.book.newest_first(call.account, [
        item for item in call.book.objects(call.account, kind, call.live) if not item.get("deleted")])
    chosen = {item["id"] for item in items if all(get(item) == value for get, value in wanted)
              and in_time(item.get("created", 0)) and item.get("status") not in ended}
    return page(call, f"/v1/{path}", items, chosen, shown)


def get_object(call, path, name):
    call.take("expand")
    item = shown(call.find(RESOURCES[path][0], name))
    for field in expansions(call):
        expand(call, item, field)
    return item


def list_lines(call, path, name):
    call.take(*PAGING)
    field = "lines" if path == "invoices" else "line_items"
    item = call.find(RESOURCES[path][0], name)
    lines = lines_of(item, field)
    return page(call, f"/v1/{path}/{name}/{'lines' if path == 'invoices' else 'line_items'}", lines,
                {line["id"] for line in lines}, copy.deepcopy)


def get_account(call):
    call.take("expand")
    name = call.account.name
    given = call.account.objects.get(name, {})
    return {"id": name, "object": "account", "business_profile": {"name": "Stand-in"}, "charges_enabled": True,
            "country": "US", "default_currency": "usd", "details_submitted": True, "email": "account@example.com",
            "payouts_enabled": True, "settings": {"dashboard": {"display_name": "Stand-in"}}, "type": "standard", **given}


# Webhook endpoints.

def endpoint_fields(call):
    """→ the fields that are given of those that both creation and update take"""
    fields = {}
    if (url := call.params.get("url")) is not None:
        if not re.fullmatch(r"https?://[^\s/]+\S*", url) or (call.live and not url.startswith("https://")):
            raise Refusal(400, "Invalid URL: URL must be publicly accessible, in live mode by https.", "url_invalid", "url")
        fields["url"] = url
    if (events := call.params.get("enabled_events")) is not None:
        if not isinstance(events, list) or not events:
            raise Refusal(400, "Invalid array", param="enabled_events")
        for place, name in enumerate(events):
            if name != "*" and not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", name):
                raise Refusal(400, f"Invalid enabled_events[{place}]: no such event type", param=f"enabled_events[{place}]")
        if "*" in events and len(events) > 1:
            raise Refusal(400, "`*` cannot be enabled together with other events.", param="enabled_events")
        fields["enabled_events"] = list(dict.fromkeys(events))
    if (description := call.params.get("description")) is not None:
        fields["description"] = description or None
    metadata = call.params.get("metadata")
    if metadata is not None:
        fields["metadata"] = metadata or {}
    return fields


def list_endpoints(call):
    call.take(*PAGING)
    items = call.book.newest_first(call.account, call.book.objects(call.account, "webhook_endpoint", call.live))
    return page(call, "/v1/webhook_endpoints", items, {item["id"] for item in items}, shown)


def create_endpoint(call):
    url, events, version, connect, *_ = call.take(
        "url", "enabled_events", "api_version", "connect", "description", "metadata", "expand")
    for name, value in [("url", url), ("enabled_events", events)]:
        if not value:
            raise Refusal(400, f"Missing required param: {name}.", "parameter_missing", name)
    if version is not None and not re.fullmatch(r"\d{4}-\d\d-\d\d(\.[a-z]+)?", version):
        raise Refusal(400, f"Invalid API version: {version}", param="api_version")
    fields = endpoint_fields(call)
    if len(call.book.objects(call.account, "webhook_endpoint", call.live)) >= ENDPOINT_LIMIT:
        mode = "live" if call.live else "test"
        raise Refusal(400, f"You have reached the maximum of {ENDPOINT_LIMIT} {mode} webhook endpoints.")
    name = f"we_standin{call.book.number()}"
    endpoint = {
        "id": name, "object": "webhook_endpoint", "api_version": version,
        "application": "ca_standin" if connect is not None and boolean(connect, "connect") else None,
        "created": int(call.book.now()), "description": None, "livemode": call.live, "metadata": {}, "status": "enabled",
        **fields, "secret": f"whsec_{secrets.token_hex(16)}"}
    call.book.add({"account": call.account.name, "objects": [endpoint]})
    return copy.deepcopy(endpoint)


def get_endpoint(call, name):
    call.take("expand")
    return shown(call.find("webhook_endpoint", name))


def update_endpoint(call, name):
    endpoint = call.find("webhook_endpoint", name)
    _, _, disabled, *_ = call.take("url", "enabled_events", "disabled", "description", "metadata", "expand")
    fields = endpoint_fields(call)
    if disabled is not None:
        fields["status"] = "disabled" if boolean(disabled, "disabled") else "enabled"
    if "metadata" in fields:
        # Added to what there is; an empty value removes its key.
        both = {**endpoint["metadata"], **fields["metadata"]} if fields["metadata"] else {}
        fields["metadata"] = {key: value for key, value in both.items() if value != ""}
    endpoint |= fields
    return shown(endpoint)


def delete_endpoint(call, name):
    call.take()
    call.find("webhook_endpoint", name)
    del call.account.objects[name]
    return {"id": name, "object": "webhook_endpoint", "deleted": True}


# v2

def v2_missing(what):
    return Refusal(404, f"{what} was not found.", "not_found")


def v2_time(value):
    try:
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    except (ValueError, AttributeError):
        raise Refusal(400, f"Invalid timestamp: {value}", "invalid_fields") from None


def v2_page(call, path, items, size_limit):
    """With the number of those before as the page's token."""
    limit, token = whole(call.params.get("limit", 20), "limit"), call.params.get("page", "0")
    if not 1 <= limit <= size_limit:
        raise Refusal(400, f"limit must be between 1 and {size_limit}.", "invalid_fields")
    start = whole(token, "page")
    url = lambda place: f"{path}?limit={limit}&page={place}" + call.query_of("created", "types", "object_id", "include")
    return {"data": items[start:start + limit],
            "next_page_url": url(start + limit) if start + limit < len(items) else None,
            "previous_page_url": url(max(0, start - limit)) if start else None}


def v2_list_events(call):
    created, kinds, about, *_ = call.take("created", "types", "object_id", "limit", "page")
    kinds = kinds if kinds is None or isinstance(kinds, list) else [kinds]
    if kinds is not None and len(kinds) > 20:
        raise Refusal(400, "At most 20 types.", "invalid_fields")
    tests = {"gt": float.__gt__, "gte": float.__ge__, "lt": float.__lt__, "lte": float.__le__}
    if set(created or {}) - set(tests):
        raise Refusal(400, "Unknown filter of created.", "invalid_fields")
    bounds = [(tests[name], v2_time(value)) for name, value in (created or {}).items()]
    now = call.book.now()
    items = [event for event in call.book.objects(call.account, "v2.core.event", call.live)
             if now - book.MONTH <= v2_time(event["created"])
             and all(test(v2_time(event["created"]), bound) for test, bound in bounds)
             and (kinds is None or event["type"] in kinds)
             and (about is None or (event.get("related_object") or {}).get("id") == about)]
    items.sort(key=lambda event: (v2_time(event["created"]), call.account.places[event["id"]]), reverse=True)
    return v2_page(call, "/v2/core/events", items, 100)


def v2_get_event(call, name):
    call.take()
    event = call.account.objects.get(name)
    if event is None or event["object"] != "v2.core.event" or v2_time(event["created"]) < call.book.now() - book.MONTH:
        raise v2_missing(f"Event {name}")
    return copy.deepcopy(event)


def v2_destination(call, item):
    """Its URL only for who asks, its secret never again."""
    item = copy.deepcopy(item)
    if "webhook_endpoint" in item:
        asked = "webhook_endpoint.url" in call.params.get("include", [])
        item["webhook_endpoint"] = {"signing_secret": None, "url": item["webhook_endpoint"]["url"] if asked else None}
    return item


def v2_list_destinations(call):
    call.take("include", "limit", "page")
    items = call.book.objects(call.account, "v2.core.event_destination", call.live)
    return v2_page(call, "/v2/core/event_destinations", [v2_destination(call, item) for item in items], 100)


def v2_find_destination(call, name):
    item = call.account.objects.get(name)
    if item is None or item["object"] != "v2.core.event_destination":
        raise v2_missing(f"Event destination {name}")
    return item


def v2_get_destination(call, name):
    call.take("include")
    return v2_destination(call, v2_find_destination(call, name))


def v2_ping(call, name):
    """→ the ping's event; the server then posts it, where the destination has a secret."""
    call.take()
    v2_find_destination(call, name)
    created = datetime.datetime.fromtimestamp(call.book.now(), datetime.timezone.utc)
    event = {
        "id": f"evt_standin_ping_{call.book.number()}", "object": "v2.core.event", "type": "v2.core.event_destination.ping",
        "created": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "livemode": call.live, "context": None,
        "reason": None, "changes": None, "snapshot_event": None,
        "related_object": {"id": name, "type": "v2.core.event_destination", "url": f"/v2/core/event_destinations/{name}"}}
    call.book.add({"account": call.account.name, "objects": [event]})
    return copy.deepcopy(event)


# Method, path, what answers it, and the permission that a restricted key needs.

NAME = r"([^/]+)"
ROUTES = [(re.compile(path), method, answer, permission) for path, method, answer, permission in [
    (r"/v1/events", "GET", list_events, "rak_event_read"),
    (rf"/v1/events/{NAME}", "GET", get_event, "rak_event_read"),
    (r"/v1/account", "GET", get_account, "rak_accounts_kyc_basic_read"),
    (rf"/v1/(invoices)/{NAME}/lines", "GET", list_lines, "rak_invoice_read"),
    (rf"/v1/(checkout/sessions)/{NAME}/line_items", "GET", list_lines, "rak_checkout_session_read"),
    (r"/v1/webhook_endpoints", "GET", list_endpoints, "rak_webhook_read"),
    (r"/v1/webhook_endpoints", "POST", create_endpoint, "rak_webhook_write"),
    (rf"/v1/webhook_endpoints/{NAME}", "GET", get_endpoint, "rak_webhook_read"),
    (rf"/v1/webhook_endpoints/{NAME}", "POST", update_endpoint, "rak_webhook_write"),
    (rf"/v1/webhook_endpoints/{NAME}", "DELETE", delete_endpoint, "rak_webhook_write"),
    (r"/v2/core/events", "GET", v2_list_events, "rak_event_read"),
    (rf"/v2/core/events/{NAME}", "GET", v2_get_event, "rak_event_read"),
    (r"/v2/core/event_destinations", "GET", v2_list_destinations, "rak_webhook_read"),
    (rf"/v2/core/event_destinations/{NAME}", "GET", v2_get_destination, "rak_webhook_read"),
    (rf"/v2/core/event_destinations/{NAME}/ping", "POST", v2_ping, "rak_webhook_write"),
]]
PERMISSIONS = {
    "customers": "rak_customer_read", "subscriptions": "rak_subscription_read", "invoices": "rak_invoice_read",
    "invoice_payments": "rak_invoice_read", "prices": "rak_plan_read",
    "payment_intents": "rak_payment_intent_read", "charges": "rak_charge_read",
    "refunds": "rak_charge_read", "disputes": "rak_dispute_read", "checkout/sessions": "rak_checkout_session_read",
}
for path, permission in PERMISSIONS.items():
    ROUTES.append((re.compile(f"/v1/({path})"), "GET", list_objects, permission))
    ROUTES.append((re.compile(f"/v1/({path})/{NAME}"), "GET", get_object, permission))
