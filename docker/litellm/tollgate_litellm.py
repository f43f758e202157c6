# SPDX-License-Identifier: Apache-2.0
"""Lets LiteLLM's proxy ask Tollgate: who calls, whether they have the credits, and what the call has cost them.

`config.yaml` beside this file names `authorize` as `custom_auth` and `gate` as a callback. Of each call

1. `authorize` asks `/v1/authorize` whose key it is and whether they may call,
2. `gate` holds credits before the provider is asked, and lowers the call's token limit where only a part is there,
3. `gate` settles the hold with the real cost when the call is over, or releases it where the call has failed.
   With `TOLLGATE_BILL=usage` it reports what the call has used instead, and Tollgate charges that by its own rates.

It fails closed: without an answer of Tollgate's there is no call. Only routes that it can meter pass. The settings are
environment variables, read when LiteLLM starts; docs/gateways.md describes them."""

import asyncio
import collections
import dataclasses
import datetime
import decimal
import os
import random
import re
import ssl
import sys
import time
import urllib.parse
import uuid
from decimal import Decimal

import httpx
from fastapi import HTTPException
from litellm._logging import verbose_proxy_logger as log
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import LitellmUserRoles, ProxyException, UserAPIKeyAuth
from litellm.proxy.auth.auth_utils import get_request_route

MAX_AMOUNT = 10**15  # credits, as Tollgate takes them
# Of dollars: far below any price, and far above what the arithmetic of floats adds or loses.
COST_RESOLUTION, MAX_COST = Decimal("1e-12"), Decimal("1e12")
USAGE = "/v1/usage"
# Where the hold's id lies in the metadata of a call. What a client sends under this name is replaced or counts nowhere.
HOLD = "tollgate_hold"

# Routes that cost nothing, and routes whose cost LiteLLM tells when the call is over. Everything else is refused, also
# LiteLLM's own administration: whoever has a key here is a customer.
FREE = {("GET", "/models"), ("GET", "/v1/models")}
METERED = {("POST", path) for name in ("chat/completions", "completions", "embeddings", "messages", "responses")
           for path in ((f"/v1/{name}",) if name == "messages" else (f"/{name}", f"/v1/{name}"))}

# The fields that limit the output, by LiteLLM's name for the kind of call. The first is set where the client sets none.
LIMITS = {
    "acompletion": ("max_tokens", "max_completion_tokens"),
    "atext_completion": ("max_tokens",),
    "anthropic_messages": ("max_tokens",),
    "aresponses": ("max_output_tokens",),
    "aembedding": (),
}
# What a client could send to LiteLLM to be metered wrongly: unlogged calls, fields that pass by the token limit, calls
# that become other or several calls, and calls that go on after their answer.
REFUSED = ("no-log", "extra_body", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "background")

TOKENS_PER_PART = 1500  # of an image, a sound or a file in a prompt; the estimate only
BYTES_PER_TOKEN = 3  # four in English prose, fewer elsewhere; the estimate only
MAX_CHOICES = 128
MAX_VALUES = 500_000  # texts, numbers, objects and lists of a prompt

MAX_HOLDS = 20_000  # of which neither the end of the call nor Tollgate's answer to it has come
MAX_CLOSED = 10_000  # holds that are over, so that a repeated report of the same call is known as one
FIRST_PAUSE, MAX_PAUSE = 0.2, 30.0  # seconds between two tries to settle or release
RETRY_LIMIT = 24 * 3600  # seconds; then the hold's expiry stands
MAX_CONNECTIONS = 100
MAX_TRIES = 3  # of what breaks off without an answer
MAX_DELIVERIES = 50  # at once, of settlements and releases: the other connections stay free for calls


class SettingError(Exception):
    pass


def setting(environment, name, default, read, form):
    text = environment.get(name, "").strip() or default
    if text is None:
        raise SettingError(f"{name} is not set; it takes {form}")
    try:
        return read(text)
    except (ValueError, ArithmeticError):
        raise SettingError(f"{name} is not {form}") from None


def read_secret(environment, name):
    path = environment.get(f"{name}_FILE", "")
    if path and environment.get(name):
        raise SettingError(f"{name} and {name}_FILE are both set; keep one")
    if path:
        try:
            with open(path, encoding="ascii") as file:
                text = file.read().removesuffix("\n")
        except (OSError, ValueError) as error:
            raise SettingError(f"{name}_FILE: {path} cannot be read: {type(error).__name__}") from None
    else:
        text = environment.get(name, "")
    if not re.fullmatch(r"[!-~]{16,}", text):
        raise SettingError(f"{name} or {name}_FILE has to give Tollgate's gateway token, of 16 characters or more")
    return text


def read_url(text):
    parts = urllib.parse.urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError
    return text.rstrip("/")


def read_positive(text):
    number = Decimal(text)
    if not number.is_finite() or number <= 0:
        raise ValueError
    return number


def read_price(text):
    return read_positive(text) if text else None


def read_count(text):
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise ValueError
    return int(text)


def read_seconds(text):
    parts = re.fullmatch(r"([1-9][0-9]{0,5})(s|m|h)", text)
    if not parts or not 1 <= (seconds := int(parts[1]) * {"s": 1, "m": 60, "h": 3600}[parts[2]]) <= 24 * 3600:
        raise ValueError
    return seconds


def one_of(*words):
    def read(text):
        if text not in words:
            raise ValueError
        return text
    return read


@dataclasses.dataclass(frozen=True)
class Settings:
    url: str
    token: str = dataclasses.field(repr=False)
    timeout: int  # seconds, for one answer of Tollgate's
    credit_value: Decimal  # dollars
    markup: Decimal
    credits_per_token: Decimal | None  # in place of LiteLLM's prices
    estimate_factor: Decimal
    max_output_tokens: int
    min_output_tokens: int
    hold_ttl: int  # seconds
    on_expiry: str
    bill: str  # "cost": what LiteLLM says a call has cost; "usage": what it has used, by Tollgate's rates

    @classmethod
    def read(cls, environment):
        def take(name, default, read, form):
            return setting(environment, name, default, read, form)
        number, count = "a number above 0", "a whole number from 1 to 999999999"
        duration = "a time from 1s to 24h, such as 10m"
        return cls(
            url=take("TOLLGATE_URL", None, read_url, "Tollgate's private address, such as http://127.0.0.1:8081"),
            token=read_secret(environment, "TOLLGATE_GATEWAY_TOKEN"),
            timeout=take("TOLLGATE_TIMEOUT", "2s", read_seconds, duration),
            credit_value=take("TOLLGATE_CREDIT_VALUE", "0.001", read_positive, number),
            markup=take("TOLLGATE_MARKUP", "1", read_positive, number),
            credits_per_token=take("TOLLGATE_CREDITS_PER_TOKEN", "", read_price, number),
            estimate_factor=take("TOLLGATE_ESTIMATE_FACTOR", "1", read_positive, number),
            max_output_tokens=take("TOLLGATE_MAX_OUTPUT_TOKENS", "4096", read_count, count),
            min_output_tokens=take("TOLLGATE_MIN_OUTPUT_TOKENS", "256", read_count, count),
            hold_ttl=take("TOLLGATE_HOLD_TTL", "10m", read_seconds, duration),
            on_expiry=take("TOLLGATE_ON_EXPIRY", "settle", one_of("release", "settle"), "release or settle"),
            bill=take("TOLLGATE_BILL", "cost", one_of("cost", "usage"), "cost or usage"),
        )


# What a call costs.


@dataclasses.dataclass(frozen=True)
class Price:
    """Credits for one token."""

    input: Decimal
    output: Decimal
    most_output: int | None = None  # tokens that the model can give

    def of(self, input_tokens, output_tokens):
        return self.input * input_tokens + self.output * output_tokens


def whole(credits):
    """Rounded up, once."""
    return min(int(credits.to_integral_value(decimal.ROUND_CEILING)), MAX_AMOUNT)


def decimal_of(number):
    """Of a price or a cost as LiteLLM has it; None where it has none."""
    if isinstance(number, bool) or not isinstance(number, (int, float, str, Decimal)):
        return None
    try:
        value = Decimal(str(number))
    except decimal.InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None


def credits_of(dollars, settings):
    """Not yet rounded up."""
    return min(dollars * settings.markup, MAX_COST).quantize(COST_RESOLUTION) / settings.credit_value


def price_of(model, settings):
    """The dearest of the model's deployments, by LiteLLM's price map and config.yaml."""
    from litellm.proxy.proxy_server import llm_router

    info = llm_router.get_model_group_info(model_group=model, include_hidden=True) if llm_router else None
    if info is None:
        raise refusal(400, "unknown_model", "There is no model of this name here; GET /v1/models lists them.")
    if settings.credits_per_token:
        return Price(settings.credits_per_token, settings.credits_per_token, whole_tokens(info.max_output_tokens))
    prices = [decimal_of(info.input_cost_per_token), decimal_of(info.output_cost_per_token)]
    if prices[1] is None and info.mode == "embedding":
        prices[1] = Decimal(0)
    if None in prices:
        log.error("Tollgate: the model %r has no price: config.yaml has to say input_cost_per_token and output_cost_per_token",
                  model)
        raise refusal(503, "no_price", "This model has no price yet; its operator has to give it one.")
    return Price(*(price * settings.markup / settings.credit_value for price in prices), whole_tokens(info.max_output_tokens))


def whole_tokens(number):
    return int(number) if isinstance(number, (int, float)) and number >= 1 else None


def input_tokens(data):
    """Roughly: a tokenizer would cost more time than the call has, and the settlement is exact."""
    tokens = visited = 0
    left = [value for name in ("messages", "prompt", "input", "instructions", "system", "tools", "functions", "response_format",
                               "text") if (value := data.get(name)) is not None]
    while left:
        value = left.pop()
        visited += 1
        if visited > MAX_VALUES:
            raise refusal(400, "invalid_request", "The prompt has too many parts.")
        if isinstance(value, str):
            length = len(value.encode(errors="replace"))
            tokens += TOKENS_PER_PART if value.startswith("data:") else length // BYTES_PER_TOKEN + 1
        elif isinstance(value, dict):
            kind = value.get("type")
            if isinstance(kind, str) and not kind.startswith(("text", "input_text", "output_text")) and \
                    any(word in kind for word in ("image", "audio", "file", "document", "video")):
                tokens += TOKENS_PER_PART
            else:
                tokens += len(value)
                left += [key for key in value if isinstance(key, str)] + list(value.values())
        elif isinstance(value, list):
            left += value
        else:
            tokens += 1  # a number, also a token that the client has counted itself
    return tokens


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What is asked of Tollgate for one call, and what a part of it allows."""

    amount: int
    minimum: int
    input: Decimal  # credits of the prompt
    output: Decimal  # credits of each token of output, of all choices together
    limit: int | None  # tokens of output of one choice

    def limit_for(self, granted):
        if granted >= self.amount or not self.limit or not self.output:
            return self.limit
        return max(1, min(self.limit, int((granted - self.input) / self.output)))


def estimate(data, call_type, price, settings):
    limits = [value for name in LIMITS[call_type] if (value := counted(data, name)) is not None]
    limit = min(limits) if limits else settings.max_output_tokens
    choices = max(counted(data, "n") or 1, counted(data, "best_of") or 1)
    if choices > MAX_CHOICES:
        raise refusal(400, "invalid_request", f"n and best_of may not be above {MAX_CHOICES}.")
    prompts = data.get("prompt")
    if call_type == "atext_completion" and isinstance(prompts, list) and prompts and not isinstance(prompts[0], int):
        choices *= len(prompts)
    spent = price.input * input_tokens(data) * settings.estimate_factor
    if not LIMITS[call_type]:
        return Estimate(max(1, whole(spent)), max(1, whole(spent)), spent, Decimal(0), None)
    each = price.output * choices * settings.estimate_factor
    most = min(limit, price.most_output or limit)
    return Estimate(
        amount=max(1, whole(spent + each * most)), minimum=max(1, whole(spent + each * min(most, settings.min_output_tokens))),
        input=spent, output=each, limit=limit if limits else most)


def counted(data, name):
    number = data.get(name)
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise refusal(400, "invalid_request", f"{name} has to be a whole number from 1 on.")
    return number


# What a call has used.


def usage_report(usage, provider):
    """→ Tollgate's name of the dialect, and the usage object; None where LiteLLM has no numbers.

    LiteLLM counts as OpenAI does, whoever the provider is: what the cache has, and what it gets, are inside of the prompt.
    No number is put right here: those that contradict each other arrive negative or as they are, and are quarantined."""
    found = plain(usage)
    prompt, output = found.get("prompt_tokens"), found.get("completion_tokens")
    if not (isinstance(prompt, int) and isinstance(output, int)):
        return "openai", None
    details = plain(found.get("prompt_tokens_details"))
    read, written = details.get("cached_tokens", 0), details.get("cache_write_tokens", 0)
    lifetimes = plain(details.get("cache_creation_token_details"))
    tools = plain(found.get("server_tool_use"))
    if provider == "anthropic" or lifetimes:
        # Also of Anthropic's models elsewhere. The conditions multiply prices; iterations may be of several models.
        conditions = {name: found[name] for name in ("service_tier", "inference_geo", "speed", "iterations") if found.get(name)}
        return "anthropic", {
            "input_tokens": prompt - read - written, "output_tokens": output, "cache_read_input_tokens": read,
            "cache_creation_input_tokens": written, **({"cache_creation": lifetimes} if lifetimes else {}),
            **({"server_tool_use": tools} if tools else {}), **conditions}
    if searches := tools.get("web_search_requests") or details.get("web_search_requests"):
        return "tokens", {"input": prompt - read - written, "output": output, "cache_read": read, "cache_write_5m": written,
                          "web_search": searches}
    parts = {"prompt_tokens_details": ("cached_tokens", "cache_write_tokens", "audio_tokens", "image_tokens"),
             "completion_tokens_details": ("reasoning_tokens", "audio_tokens", "image_tokens")}
    return "openai", {
        **{name: found[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens") if name in found},
        **{name: {part: inner[part] for part in names if part in inner}
           for name, names in parts.items() if (inner := plain(found.get(name)))}}


def plain(value):
    """An object of LiteLLM's as a dictionary without what is None; {} for everything else."""
    if hasattr(value, "model_dump"):
        value = value.model_dump()
    if not isinstance(value, dict):
        return {}
    return {name: inner for name, inner in value.items() if inner is not None}


def session_of(data):
    """As the client names it; None if it does not, or not in a way that Tollgate takes."""
    names = [data.get("litellm_session_id")] + [plain(data.get(name)).get("session_id")
                                                for name in ("metadata", "litellm_metadata")]
    for name in names:
        if isinstance(name, str) and 1 <= len(name) <= 255 and "\0" not in name:
            return name
    return None


# What clients are told.


def refusal(status, code, message, headers=None):
    if status == 503:
        headers = {"Retry-After": "1", **(headers or {})}
    if status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return ProxyException(message=message, type=code, param=None, code=status, headers=headers)


def unavailable():
    return refusal(503, "unavailable", "It cannot be known now whether this call may pass. Try again.")


def problem(response):
    """The answer's body, {} where it is none of Tollgate's."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def code_of(response, otherwise):
    code = problem(response).get("code")
    return code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,50}", code) else otherwise


# Tollgate over HTTP.


class Client:
    """One pool of connections, made in the event loop that uses it."""

    def __init__(self, settings):
        self.settings = settings
        self.http = None

    async def ask(self, method, path, headers=(), body=None):
        """→ the answer, of whatever status. Repeats what breaks off, so only for what may be repeated.

        Raises httpx.HTTPError where none comes in time."""
        if self.http is None:
            self.http = httpx.AsyncClient(
                # The system's certificates, or SSL_CERT_FILE's; no proxy between the two.
                base_url=self.settings.url, verify=ssl.create_default_context(), trust_env=False, follow_redirects=False,
                limits=httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=20))
        end, tries = time.monotonic() + self.settings.timeout, 0
        while True:
            left = end - time.monotonic()
            try:
                return await asyncio.wait_for(
                    self.http.request(method, path, headers=list(headers), json=body, timeout=max(0.05, left)), max(0.05, left))
            except (TimeoutError, asyncio.TimeoutError) as error:
                raise httpx.ReadTimeout("no answer in time") from error
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # Most often a connection that Tollgate closed while it was unused.
                tries += 1
                if tries == MAX_TRIES or time.monotonic() + 0.05 > end:
                    raise
                await asyncio.sleep(0.02)

    async def spend(self, method, path, body=None):
        return await self.ask(method, path, [("Authorization", f"Bearer {self.settings.token}")], body)


# Who calls.


class Authorizer:
    def __init__(self, settings):
        self.client = Client(settings)
        self.token = settings.token

    async def __call__(self, request, api_key):
        # Every line of what the client has sent, as it is: which of two counts, Tollgate says.
        headers = [(name, value) for name, value in request.scope["headers"] if name in (b"authorization", b"x-api-key")]
        try:
            answer = await self.client.ask("GET", "/v1/authorize", [*headers, ("Tollgate-Gateway-Token", self.token)])
        except httpx.LocalProtocolError:
            # Bytes that no header may have, so no key either.
            raise refusal(401, "invalid_key", "The API key is not valid.") from None
        except httpx.HTTPError as error:
            log.warning("Tollgate: no answer of Tollgate's about a key: %s", type(error).__name__)
            raise unavailable() from None
        if answer.status_code in (401, 431):
            raise refusal(401, "invalid_key", "The API key is not valid.")
        if answer.status_code == 403:
            code = code_of(answer, "forbidden")
            raise refusal(403, code, f"This customer may not call: {code}.")
        customer, key = (answer.headers.get(name, "") for name in ("Tollgate-Customer", "Tollgate-Key"))
        if answer.status_code != 200 or not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", customer):
            log.error("Tollgate answered %d to /v1/authorize: %s", answer.status_code, code_of(answer, "no code"))
            raise unavailable()
        route = (request.scope.get("method"), get_request_route(request))
        if route not in FREE and route not in METERED:
            raise refusal(403, "not_metered", "This route is not open to API keys.")
        # Never the key itself: LiteLLM writes this one into its logs. The role has no rights to administer.
        return UserAPIKeyAuth(
            api_key=key, user_id=customer, user_role=LitellmUserRoles.INTERNAL_USER,
            metadata={"tollgate_customer": customer, "tollgate_key": key})


# What becomes of a hold.


@dataclasses.dataclass
class Hold:
    """One call's hold, as a state machine: what Tollgate has to be asked for when the call is over.

    LiteLLM may report the end twice, a failure after a success or the other way round, and several costs of one call.
    Each cost is debited once, and what has been released is still charged if it turns out to have cost something."""

    id: str
    customer: str
    key: str
    granted: int
    price: Price
    made: float
    at: str  # the same by the calendar
    session: str | None = None
    state: str = "open"  # "settled", "released"
    costs: set = dataclasses.field(default_factory=set)
    pending: collections.deque = dataclasses.field(default_factory=collections.deque)
    delivering: bool = False

    def cost(self, report, credits):
        """report: what names this cost among those of the call."""
        if not self.is_new(report):
            return
        if self.state == "open":
            self.state = "settled"
            self.pending.append(("POST", f"holds/{self.id}/settle", {"amount": credits}))
        elif credits:
            self.charge(credits, len(self.costs))

    def is_new(self, report):
        if report in self.costs or len(self.costs) >= 100:
            return False
        self.costs.add(report)
        return True

    def used(self, report, call):
        """The same, where Tollgate prices the call. call: what is known of it, of a record of /v1/usage."""
        if not self.is_new(report):
            return
        number = len(self.costs)
        # Tollgate charges a record once, however often it comes: so its id is the same each time.
        record = {"id": self.id if number == 1 else f"{self.id}-{number}", "at": self.at, **call}
        record |= {"key": self.key} if self.key else {"customer": self.customer}
        if self.session:
            record["request"] = {"session": self.session}
        if number == 1:
            record["hold"] = self.id
        if self.state == "open":
            self.state = "settled"
        self.pending.append(("POST", USAGE, {"records": [record]}))

    def charge(self, credits, number):
        self.pending.append(("PUT", f"debits/{self.id}-{number}", {"amount": credits, "allow_negative": True}))

    def failed(self):
        if self.state == "open":
            self.state = "released"
            self.pending.append(("POST", f"holds/{self.id}/release", None))

    def undo(self, body):
        """Nobody knows whether it was made: made for certain and then released, it cannot come into being later."""
        self.state = "released"
        self.pending.append(("PUT", f"holds/{self.id}", body))
        self.pending.append(("POST", f"holds/{self.id}/release", None))

    def answered(self, step, status, code, answer):
        """→ what went wrong, in words, or None. Takes the step off the list."""
        self.pending.popleft()
        state = answer.get("status")
        if step[1] == USAGE and status == 200:
            outcome = outcome_of(answer)
            # Anything else is an operator's to mend; until then the hold's expiry decides.
            return None if outcome["outcome"] in ("recorded", "duplicate") else \
                f"{outcome['outcome']}: {str(outcome.get('error'))[:500]!r}"
        if step[1].endswith("/release") and (state == "expired" or code == "hold_settled"):
            # Its expiry came first. What that may have taken comes back by this alone.
            self.pending.appendleft(("POST", f"holds/{self.id}/settle", {"amount": 0}))
            return None
        if status in (200, 201):
            return None
        if step[1].endswith("/settle") and status == 409 and code == "hold_released":
            # By somebody else's hand; the call has cost something all the same.
            if step[2]["amount"]:
                self.charge(step[2]["amount"], 0)
            return None
        if step[1].endswith("/release") and code == "unknown_hold":
            return None
        if step[0] == "PUT" and step[1].startswith("holds/"):
            if code != "hold_resolved":
                self.pending.clear()  # refused, so there is nothing to release
            return None
        return f"{status} {code}"


class Gate(CustomLogger):
    def __init__(self, settings):
        super().__init__()
        self.settings = settings
        self.client = Client(settings)
        self.holds = {}  # by id; those that are open, or with requests that Tollgate has not answered
        self.closed = collections.OrderedDict()  # the same, when all are answered
        self.tasks = set()
        self.deliveries = None

    # Before the call.

    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        customer = (user_api_key_dict.metadata or {}).get("tollgate_customer")
        if not customer:
            log.error("Tollgate: a call without a customer: custom_auth has to be tollgate_litellm.authorize")
            raise unavailable()
        if call_type not in LIMITS:
            raise refusal(403, "not_metered", "This kind of call is not open to API keys.")
        for name in ("metadata", "litellm_metadata"):
            if isinstance(data.get(name), dict):
                data[name].pop(HOLD, None)
        model = data.get("model")
        if not isinstance(model, str) or "," in model:
            raise refusal(400, "invalid_request", "model has to name one model.")
        for name in REFUSED:
            if data.get(name) not in (None, False, [], {}):
                raise refusal(400, "invalid_request", f"{name} is not taken here; leave it out.")
            data.pop(name, None)
        price = price_of(model, self.settings)
        asked = estimate(data, call_type, price, self.settings)
        self.forget()
        if len(self.holds) >= MAX_HOLDS:
            log.error("Tollgate: %d holds are open or not yet settled: no further call passes", len(self.holds))
            raise unavailable()
        # LiteLLM's own limits may have refused the call after this, and it now tries another model for it.
        if before := self.holds.get(user_api_key_dict.metadata.get(HOLD)):
            before.failed()
            self.deliver(before)
        hold = Hold(uuid.uuid4().hex, customer, user_api_key_dict.metadata.get("tollgate_key", ""), asked.amount, price,
                    time.monotonic(), datetime.datetime.now(datetime.timezone.utc).isoformat(), session_of(data))
        await self.reserve(hold, asked, {
            "amount": asked.amount, "minimum": min(asked.minimum, asked.amount), "ttl": f"{self.settings.hold_ttl}s",
            "on_expiry": self.settings.on_expiry,
            "metadata": {"key": hold.key, "model": model[:100]},
        })
        self.holds[hold.id] = hold
        if asked.limit:
            limit = asked.limit_for(hold.granted)
            names = [name for name in LIMITS[call_type] if data.get(name) is not None] or LIMITS[call_type][:1]
            for name in names:
                data[name] = min(limit, data.get(name) or limit)
        # LiteLLM's own of the two: the other one goes to the provider on some routes.
        name = "litellm_metadata" if isinstance(data.get("litellm_metadata"), dict) else "metadata"
        if not isinstance(data.get(name), dict):
            data[name] = {}
        # In place: what LiteLLM reports a refusal by others with is the same.
        data[name][HOLD] = user_api_key_dict.metadata[HOLD] = hold.id
        return data

    async def reserve(self, hold, asked, body):
        try:
            answer = await self.client.spend("PUT", path_of(hold, f"holds/{hold.id}"), body)
        except BaseException as error:
            # Also where the call is given up meanwhile.
            hold.undo(body)
            self.holds[hold.id] = hold
            self.deliver(hold)
            if not isinstance(error, httpx.HTTPError):
                raise
            log.warning("Tollgate: no answer of Tollgate's to a hold: %s", type(error).__name__)
            raise unavailable() from None
        status, found = answer.status_code, problem(answer)
        if status in (200, 201):
            granted = found.get("granted")
            if isinstance(granted, int) and 1 <= granted <= asked.amount:
                hold.granted = granted
                return
        if status == 402:
            available = found.get("available")
            there = f", {available} are available" if isinstance(available, int) else ""
            raise refusal(402, "insufficient_credits", f"This call needs {body['minimum']} credits{there}.")
        if status == 403 and (code := code_of(answer, "forbidden")) != "forbidden":
            raise refusal(403, code, f"This customer may not call: {code}.")
        log.error("Tollgate answered %d to a hold: %s", status, code_of(answer, "no code"))
        if status >= 500 or status in (200, 201):
            hold.undo(body)
            self.holds[hold.id] = hold
            self.deliver(hold)
        raise unavailable()

    # After the call.

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        hold = self.find(kwargs.get("litellm_params"))
        if hold:
            response = response_obj.get("id") if isinstance(response_obj, dict) else getattr(response_obj, "id", None)
            report = (str(kwargs.get("litellm_call_id")), str(response))
            if self.settings.bill == "usage" and not is_cached(kwargs):
                hold.used(report, call_of(kwargs.get("standard_logging_object"), usage_of(response_obj), "ok"))
            else:
                hold.cost(report, self.cost(kwargs, response_obj, hold))
            self.deliver(hold)

    async def async_post_call_failure_hook(self, request_data, original_exception, user_api_key_dict, traceback_str=None):
        """Of the whole call. A try that fails (async_log_failure_event) says nothing: LiteLLM may try again."""
        metadata = user_api_key_dict.metadata or {}
        # The data may be those of an earlier try.
        for hold in [self.find(request_data), self.holds.get(metadata.get(HOLD))]:
            if hold is None or hold.customer != metadata.get("tollgate_customer"):
                continue
            # What LiteLLM knows the provider has charged: a stream that broke off, or an answer that came too late.
            dollars = decimal_of(request_data.get("response_cost"))
            usage = request_data.get("combined_usage_object")
            if hold.state == "open" and dollars:
                if self.settings.bill == "usage":
                    # Of a stream, the client has what came.
                    status = "aborted" if request_data.get("stream") else "failed"
                    hold.used(("failure", hold.id), call_of(request_data.get("standard_logging_object"), usage, status))
                else:
                    hold.cost(("failure", hold.id), self.charged(dollars, usage))
            else:
                hold.failed()
            self.deliver(hold)

    def find(self, holder):
        for name in ("litellm_metadata", "metadata"):
            metadata = holder.get(name) if isinstance(holder, dict) else None
            id = metadata.get(HOLD) if isinstance(metadata, dict) else None
            if isinstance(id, str) and (hold := self.holds.get(id) or self.closed.get(id)):
                return hold
        return None

    def charged(self, dollars, usage):
        if self.settings.credits_per_token and (tokens := tokens_of(usage)):
            return whole(self.settings.credits_per_token * sum(tokens))
        return whole(credits_of(dollars, self.settings))

    def cost(self, kwargs, response_obj, hold):
        """Whole credits."""
        tokens = tokens_of(usage_of(response_obj))
        dollars = decimal_of(kwargs.get("response_cost"))
        if is_cached(kwargs):
            return 0
        if dollars and not (self.settings.credits_per_token and tokens):
            return whole(credits_of(dollars, self.settings))
        # With a price of ours, or because LiteLLM has none of this answer.
        if tokens:
            return whole(hold.price.of(*tokens))
        if not (hold.price.input or hold.price.output):
            return 0
        log.warning("Tollgate: LiteLLM tells neither cost nor tokens of a call: the hold %s is charged in full", hold.id)
        return hold.granted

    def deliver(self, hold):
        if hold.pending and not hold.delivering:
            hold.delivering = True
            task = asyncio.get_running_loop().create_task(self.deliver_all(hold))
            # Of a task nobody refers to, the loop may lose sight.
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def deliver_all(self, hold):
        """In order, each until it is answered."""
        if self.deliveries is None:
            self.deliveries = asyncio.Semaphore(MAX_DELIVERIES)
        try:
            pause, start = FIRST_PAUSE, time.monotonic()
            while hold.pending:
                step = hold.pending[0]
                status, code, found = 0, "no answer", {}
                try:
                    async with self.deliveries:
                        answer = await self.client.spend(step[0], path_of(hold, step[1]), step[2])
                    status, code, found = answer.status_code, code_of(answer, "no code"), problem(answer)
                    if status == 200 and step[1] == USAGE and outcome_of(found) is None:
                        status, code = 0, "no outcome"
                except httpx.HTTPError as error:
                    code = type(error).__name__
                # 401 and 403 `forbidden` are about the gateway's token, which its operator will put right.
                if status in (0, 401, 408, 429) or status >= 500 or (status == 403 and code == "forbidden"):
                    if time.monotonic() - start > RETRY_LIMIT:
                        log.error("Tollgate: the hold %s is given up, its expiry decides: %s %s", hold.id, status, code)
                        hold.pending.clear()
                        break
                    if pause == FIRST_PAUSE:
                        log.warning("Tollgate: the hold %s is settled or released later: %s %s", hold.id, status, code)
                    await asyncio.sleep(pause * random.uniform(0.5, 1))
                    pause = min(pause * 2, MAX_PAUSE)
                    continue
                if wrong := hold.answered(step, status, code, found):
                    log.error("Tollgate refuses the end of the hold %s: %s", hold.id, wrong)
                pause, start = FIRST_PAUSE, time.monotonic()
        finally:
            hold.delivering = False
            if not hold.pending and hold.state != "open" and self.holds.pop(hold.id, None):
                self.closed[hold.id] = hold
                while len(self.closed) > MAX_CLOSED:
                    self.closed.popitem(last=False)

    def forget(self):
        """Holds of which LiteLLM never said how they ended: their expiry has decided."""
        oldest = time.monotonic() - 2 * self.settings.hold_ttl - 24 * 3600
        for id in list(self.holds)[:2]:
            if self.holds[id].state == "open" and self.holds[id].made < oldest:
                log.warning("Tollgate: LiteLLM never reported the end of the hold %s: its expiry has decided", id)
                del self.holds[id]


def path_of(hold, rest):
    return rest if rest == USAGE else f"/v1/customers/{hold.customer}/{rest}"


def outcome_of(answer):
    """What became of the one record that was reported; None if that is not said."""
    data = answer.get("data")
    outcome = data[0] if isinstance(data, list) and len(data) == 1 else None
    return outcome if isinstance(outcome, dict) and isinstance(outcome.get("outcome"), str) else None


def is_cached(kwargs):
    """Whether the answer is from LiteLLM's own cache."""
    return kwargs.get("cache_hit") is True and not decimal_of(kwargs.get("response_cost"))


def usage_of(response):
    return response.get("usage") if isinstance(response, dict) else getattr(response, "usage", None)


def call_of(logged, usage, status):
    """→ the fields of a record that LiteLLM knows. logged: its standard_logging_object; usage: where that has none."""
    logged = plain(logged)
    provider = logged.get("custom_llm_provider") or "unknown"
    model = str(logged.get("model") or "unknown").removeprefix(f"{provider}/")
    dialect, found = usage_report(usage or plain(logged.get("metadata")).get("usage_object"), provider)
    return {"provider": provider, "model": model, "dialect": dialect, "status": status,
            **({"usage": found} if found is not None else {})}


def tokens_of(usage):
    """→ (input, output), or None"""
    def number(*names):
        for name in names:
            value = usage.get(name) if isinstance(usage, dict) else getattr(usage, name, None)
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                return value
        return None
    found = (number("prompt_tokens", "input_tokens"), number("completion_tokens", "output_tokens"))
    if found[0] is None and found[1] is None:
        return None
    return found[0] or 0, found[1] or 0


try:
    _settings = Settings.read(os.environ)
except SettingError as error:
    sys.exit(f"tollgate_litellm: {error}")
authorize = Authorizer(_settings)
gate = Gate(_settings)
