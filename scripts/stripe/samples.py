# SPDX-License-Identifier: Apache-2.0
"""Stripe's objects and events with the fields that matter, in the form of API version 2025-09-30.clover."""

import time


def event(name, kind, item, created, **more):
    return {"id": name, "object": "event", "api_version": "2025-09-30.clover", "created": int(created), "livemode": False,
            "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": kind, "data": {"object": item},
            **more}


def customer(name, created):
    return {"id": name, "object": "customer", "created": int(created), "livemode": False, "email": f"{name}@example.com",
            "name": name, "metadata": {}, "delinquent": False}


def subscription(name, of, created, status="active", invoice=None, price="price_standard"):
    item = {"id": f"si_{name}", "object": "subscription_item", "created": int(created), "quantity": 1,
            "subscription": f"sub_{name}", "metadata": {}, "current_period_start": int(created),
            "current_period_end": int(created) + 30 * 86400,
            "price": {"id": price, "object": "price", "currency": "usd", "unit_amount": 2000, "type": "recurring"}}
    return {"id": f"sub_{name}", "object": "subscription", "created": int(created), "livemode": False, "customer": of,
            "status": status, "latest_invoice": invoice, "cancel_at_period_end": False, "cancel_at": None, "canceled_at": None,
            "collection_method": "charge_automatically", "currency": "usd", "ended_at": None, "metadata": {},
            "start_date": int(created), "trial_end": None, "trial_start": None,
            "items": {"object": "list", "data": [item], "has_more": False,
                      "url": f"/v1/subscription_items?subscription=sub_{name}"}}


def line(name, created, amount=2000, price="price_standard", quantity=1, subscription=None):
    details = {"type": "subscription_item_details", "subscription_item_details": {
        "subscription": subscription, "subscription_item": f"si_{name}", "proration": False}} if subscription else {
        "type": "invoice_item_details", "invoice_item_details": {"invoice_item": f"ii_{name}", "proration": False}}
    return {"id": f"il_{name}", "object": "line_item", "amount": amount, "currency": "usd", "description": name,
            "livemode": False, "metadata": {}, "quantity": quantity, "parent": details, "subtotal": amount,
            "period": {"start": int(created), "end": int(created) + 30 * 86400},
            "pricing": {"type": "price_details", "price_details": {"price": price, "product": "prod_standard"}}}


def invoice(name, of, created, status="paid", subscription=None, lines=(), reason="subscription_cycle", attempts=1):
    lines = list(lines) or [line(name, created, subscription=subscription)]
    amount = sum(line["amount"] for line in lines)
    paid = status == "paid"
    return {"id": f"in_{name}", "object": "invoice", "created": int(created), "livemode": False, "customer": of,
            "status": status, "billing_reason": reason, "collection_method": "charge_automatically", "currency": "usd",
            "amount_due": amount, "amount_paid": amount if paid else 0, "amount_remaining": 0 if paid else amount,
            "total": amount, "subtotal": amount, "attempted": True, "attempt_count": attempts, "auto_advance": not paid,
            "metadata": {}, "next_payment_attempt": None if paid else int(created) + 86400,
            "period_start": int(created), "period_end": int(created) + 30 * 86400,
            "parent": {"type": "subscription_details", "subscription_details": {
                "subscription": subscription, "metadata": {}}, "quote_details": None} if subscription else None,
            "lines": {"object": "list", "data": lines, "has_more": False, "url": f"/v1/invoices/in_{name}/lines"},
            "status_transitions": {"finalized_at": int(created), "paid_at": int(created) if paid else None,
                                   "marked_uncollectible_at": None, "voided_at": None}}


def invoice_payment(name, invoice, intent, created, amount=2000):
    return {"id": f"inpay_{name}", "object": "invoice_payment", "created": int(created), "livemode": False,
            "invoice": invoice, "amount_paid": amount, "amount_requested": amount, "currency": "usd", "is_default": True,
            "status": "paid", "payment": {"type": "payment_intent", "payment_intent": intent},
            "status_transitions": {"paid_at": int(created), "canceled_at": None}}


def payment_intent(name, of, created, amount=1000, credits=None, status="succeeded", charge=None):
    return {"id": f"pi_{name}", "object": "payment_intent", "created": int(created), "livemode": False, "customer": of,
            "amount": amount, "amount_received": amount if status == "succeeded" else 0, "currency": "usd", "status": status,
            "capture_method": "automatic_async", "latest_charge": charge, "payment_method": f"pm_{name}",
            "metadata": {"credits": str(credits)} if credits else {}}


def charge(name, of, created, intent, amount=1000, refunded=0, status="succeeded"):
    return {"id": f"ch_{name}", "object": "charge", "created": int(created), "livemode": False, "customer": of,
            "payment_intent": intent, "amount": amount, "amount_captured": amount if status == "succeeded" else 0,
            "amount_refunded": refunded, "captured": status == "succeeded", "currency": "usd", "paid": status == "succeeded",
            "refunded": refunded >= amount, "status": status, "disputed": False, "metadata": {}}


def refund(name, charge, intent, created, amount=1000, status="succeeded"):
    return {"id": f"re_{name}", "object": "refund", "created": int(created), "charge": charge, "payment_intent": intent,
            "amount": amount, "currency": "usd", "status": status, "reason": "requested_by_customer", "metadata": {}}


def dispute(name, charge, intent, created, amount=1000, status="needs_response"):
    return {"id": f"dp_{name}", "object": "dispute", "created": int(created), "livemode": False, "charge": charge,
            "payment_intent": intent, "amount": amount, "currency": "usd", "status": status, "reason": "fraudulent",
            "metadata": {}}


def checkout_session(name, of, created, intent, items=(), credits=None, status="paid"):
    return {"id": f"cs_test_{name}", "object": "checkout.session", "created": int(created), "livemode": False, "customer": of,
            "mode": "payment", "payment_intent": intent, "payment_status": status, "status": "complete", "currency": "usd",
            "amount_total": sum(item["amount_total"] for item in items) or 1000, "subscription": None, "invoice": None,
            "metadata": {"credits": str(credits)} if credits else {}, "line_items": list(items)}


def checkout_item(name, quantity=1, price="price_pack", amount=1000):
    return {"id": f"li_{name}", "object": "item", "amount_total": amount * quantity, "amount_subtotal": amount * quantity,
            "currency": "usd", "description": name, "quantity": quantity, "metadata": {},
            "price": {"id": price, "object": "price", "currency": "usd", "unit_amount": amount, "type": "one_time"}}


def price(name, amount=1000, kind="one_time", active=True):
    return {"id": name, "object": "price", "active": active, "created": int(time.time()), "currency": "usd", "livemode": False,
            "metadata": {}, "product": f"prod_{name}", "type": kind, "unit_amount": amount}


def thin_event(name, kind, created, about, url, snapshot=None, **more):
    text = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(created))
    return {"id": name, "object": "v2.core.event", "type": kind, "created": text, "livemode": False, "context": None,
            "reason": None, "changes": None, "snapshot_event": snapshot,
            "related_object": {"id": about, "type": kind.split(".")[1], "url": url}, **more}


def destination(name, url, secret):
    text = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    return {"id": name, "object": "v2.core.event_destination", "created": text, "updated": text, "description": "",
            "enabled_events": ["v1.invoice.paid"], "event_payload": "thin", "events_from": ["@self"], "livemode": False,
            "metadata": {}, "name": name, "snapshot_api_version": None, "status": "enabled", "status_details": None,
            "type": "webhook_endpoint", "webhook_endpoint": {"url": url, "signing_secret": secret}}
