"""The objects, and what each call does to them. No HTTP here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import stripe.params as known

from tests.stripe_server.errors import missing, require

Thing = dict[str, Any]
DAY = 86_400
PREFIXES = {
    "customers": "cus",
    "products": "prod",
    "prices": "price",
    "subscriptions": "sub",
    "subscription_schedules": "sub_sched",
    "invoices": "in",
    "invoiceitems": "ii",
    "credit_notes": "cn",
    "events": "evt",
}
OBJECTS = {
    "customers": "customer",
    "products": "product",
    "prices": "price",
    "subscriptions": "subscription",
    "subscription_schedules": "subscription_schedule",
    "invoices": "invoice",
    "invoiceitems": "invoiceitem",
    "credit_notes": "credit_note",
    "events": "event",
}
# The library's own lists of what a call takes: a name that Stripe does not know is refused.
TAKES: dict[str, Any] = {
    "customers": known.CustomerCreateParams,
    "products": known.ProductCreateParams,
    "prices": known.PriceCreateParams,
    "subscriptions": known.SubscriptionCreateParams,
    "subscription_schedules": known.SubscriptionScheduleCreateParams,
    "invoices": known.InvoiceCreateParams,
    "invoiceitems": known.InvoiceItemCreateParams,
    "credit_notes": known.CreditNoteCreateParams,
}


class Books:
    """`now` in seconds; `move` lets schedules begin and subscriptions end."""

    def __init__(self, moment: datetime) -> None:
        self.now = int(moment.timestamp())
        self.rows: dict[str, dict[str, Thing]] = {name: {} for name in PREFIXES}
        self.mailed: list[str] = []
        self.last = 0

    # --- Reading ------------------------------------------------------------------------------

    def get(self, name: str, key: str) -> Thing:
        if key not in self.rows[name]:
            raise missing(key)
        return self.rows[name][key]

    def page(self, name: str, params: Thing) -> Thing:
        """Newest first, a page at a time."""
        found = [row for row in reversed(self.rows[name].values()) if _fits(row, params)]
        after = params.get("starting_after")
        if after:
            found = found[[row["id"] for row in found].index(after) + 1 :]
        limit = int(params.get("limit", 10))
        return {
            "object": "list",
            "url": f"/v1/{name}",
            "data": found[:limit],
            "has_more": len(found) > limit,
        }

    # --- Making -------------------------------------------------------------------------------

    def create(self, name: str, params: Thing) -> Thing:
        for param in params:
            require(param in TAKES[name].__annotations__, f"Received unknown parameter: {param}")
        for label, value in (params.get("metadata") or {}).items():
            require(len(label) <= 40 and len(value) <= 500, "Metadata is too long.")
        make: Callable[[Thing], Thing] = getattr(self, f"_{name}")
        return make(params)

    def _add(self, name: str, fields: Thing, event: str = "created") -> Thing:
        self.last += 1
        row = {
            "id": f"{PREFIXES[name]}_{self.last}",
            "object": OBJECTS[name],
            "created": self.now,
            "livemode": False,
            "metadata": {},
            **fields,
        }
        require(row["id"] not in self.rows[name], "It exists.", "resource_already_exists")
        self.rows[name][row["id"]] = row
        if name != "events":
            self.tell(row, event)
        return row

    def tell(self, row: Thing, what: str) -> None:
        """An event with the object as it is at this moment."""
        prefix = "customer.subscription" if row["object"] == "subscription" else row["object"]
        copy = {**row}
        copy.pop("amount_paid_off_stripe", None)
        self._add("events", {"type": f"{prefix}.{what}", "data": {"object": copy}})

    def _customers(self, params: Thing) -> Thing:
        return self._add("customers", params)

    def _products(self, params: Thing) -> Thing:
        return self._add("products", params)

    def _prices(self, params: Thing) -> Thing:
        self.get("products", params["product"])
        lookup = params.get("lookup_key")
        taken = [row for row in self.rows["prices"].values() if row.get("lookup_key") == lookup]
        require(not taken, "A price has this lookup key already.")
        return self._add("prices", {**params, "unit_amount": int(params["unit_amount"])})

    def _subscriptions(self, params: Thing) -> Thing:
        self.get("customers", params["customer"])
        for item in params["items"]:
            self.get("prices", item["price"])
        trial = int(params.get("trial_end", 0))
        require(not trial or self.now < trial <= self.now + 730 * DAY, "trial_end is odd.")
        return self._subscribe({**params, "trial_end": trial or None})

    def _subscribe(self, fields: Thing, schedule: str | None = None) -> Thing:
        end = int(fields.get("cancel_at") or 0) or None
        require(end is None or end > self.now, "cancel_at is in the past.")
        made = {
            **fields,
            "cancel_at": end,
            "status": "trialing" if fields["trial_end"] else "active",
            "schedule": schedule,
        }
        row = self._add("subscriptions", made)
        self._bill(row)
        return row

    def _bill(self, row: Thing) -> None:
        """Stripe's own invoice of a subscription: nothing in a trial, else the price."""
        price = self.get("prices", row["items"][0]["price"])
        amount = 0 if row["trial_end"] else price["unit_amount"]
        parent = {"subscription_details": {"subscription": row["id"]}}
        status = "draft" if amount else "paid"
        bill = self._blank(row["customer"], status=status, parent=parent, total=amount)
        self._add("invoices", bill)

    def _subscription_schedules(self, params: Thing) -> Thing:
        self.get("customers", params["customer"])
        start = int(params["start_date"])
        for phase in params["phases"]:
            require("iterations" not in phase, "Received unknown parameter: iterations")
            require(int(phase["end_date"]) > start, "The phase ends before it begins.")
        row = self._add(
            "subscription_schedules",
            {**params, "start_date": start, "status": "not_started", "subscription": None},
        )
        self._begin(row)
        return row

    def _blank(self, customer: str, **fields: Any) -> Thing:
        return {
            "customer": customer,
            "status": "draft",
            "total": 0,
            "amount_due": fields.get("total", 0),
            "amount_paid": 0,
            "amount_paid_off_stripe": 0,
            "parent": None,
            "number": None,
            "status_transitions": {"paid_at": None},
            **fields,
        }

    def _invoices(self, params: Thing) -> Thing:
        customer = self.get("customers", params["customer"])
        require(customer.get("email"), "Missing email.", "customer_missing_email")
        require(int(params["due_date"]) > self.now, "due_date is in the past.")
        fields = params.get("custom_fields", [])
        require(len(fields) <= 4, "Too many custom fields.")
        for field in fields:
            require(len(field["name"]) <= 40 and len(field["value"]) <= 140, "A field is too long.")
        return self._add("invoices", self._blank(**params))

    def _invoiceitems(self, params: Thing) -> Thing:
        bill = self.get("invoices", params["invoice"])
        require(bill["status"] == "draft", "The invoice is not a draft.")
        bill["total"] += int(params["amount"])
        bill["amount_due"] = bill["total"]
        return self._add("invoiceitems", {**params, "amount": int(params["amount"])})

    def _credit_notes(self, params: Thing) -> Thing:
        bill = self.get("invoices", params["invoice"])
        parts = ("refund_amount", "credit_amount", "out_of_band_amount")
        given = sum(int(params.get(part, 0)) for part in parts)
        if bill["status"] == "paid":
            require(given == int(params["amount"]), "The parts are not the whole.")
        return self._add("credit_notes", {**params, "status": "issued"})

    # --- Changing -----------------------------------------------------------------------------

    def act(self, name: str, key: str, verb: str, params: Thing) -> Thing:
        row = self.get(name, key)
        method: Callable[[Thing, Thing], Thing] = getattr(self, f"_{name}_{verb}")
        return method(row, params)

    def _change(self, row: Thing, event: str, **fields: Any) -> Thing:
        row.update(fields)
        self.tell(row, event)
        return row

    def _invoices_finalize(self, row: Thing, params: Thing) -> Thing:
        require(row["status"] == "draft", "This invoice is already finalized.")
        number = f"ST-{len(self.rows['invoices'])}"
        return self._change(row, "finalized", status="open", number=number)

    def _invoices_send(self, row: Thing, params: Thing) -> Thing:
        require(row["status"] == "open", "You can only send an open invoice.")
        self.mailed.append(row["id"])
        return self._change(row, "sent")

    def _invoices_pay(self, row: Thing, params: Thing) -> Thing:
        require(row["status"] in {"open", "uncollectible"}, "Invoice is not open.")
        require(params.get("paid_out_of_band") == "true", "No card here: pay out of band.")
        return self._pay(row, off_stripe=row["total"])

    def _pay(self, row: Thing, off_stripe: int) -> Thing:
        return self._change(
            row,
            "paid",
            status="paid",
            amount_paid=row["total"],
            amount_paid_off_stripe=off_stripe,
            status_transitions={"paid_at": self.now},
        )

    def _invoices_void(self, row: Thing, params: Thing) -> Thing:
        require(row["status"] in {"open", "uncollectible"}, "You can only void an open invoice.")
        return self._change(row, "voided", status="void")

    def _invoices_mark_uncollectible(self, row: Thing, params: Thing) -> Thing:
        require(row["status"] == "open", "It is not open.")
        return self._change(row, "marked_uncollectible", status="uncollectible")

    def _invoices_delete(self, row: Thing, params: Thing) -> Thing:
        require(row["status"] == "draft" and not row["parent"], "Only drafts of one's own.")
        del self.rows["invoices"][row["id"]]
        self.tell(row, "deleted")
        return {"id": row["id"], "object": "invoice", "deleted": True}

    def _subscriptions_update(self, row: Thing, params: Thing) -> Thing:
        takes = known.SubscriptionUpdateParams.__annotations__
        require(set(params) <= set(takes), "Received unknown parameter.")
        require(not row["schedule"], "The subscription is managed by its schedule.")
        require(row["status"] != "canceled", "It is canceled.")
        end = int(params["cancel_at"])
        require(end > self.now, "cancel_at is in the past.")
        return self._change(row, "updated", cancel_at=end)

    def _subscriptions_delete(self, row: Thing, params: Thing) -> Thing:
        return self._change(row, "deleted", status="canceled")

    def _subscription_schedules_cancel(self, row: Thing, params: Thing) -> Thing:
        require(row["status"] in {"not_started", "active"}, "It is over.")
        return self._change(row, "canceled", status="canceled")

    def _subscription_schedules_release(self, row: Thing, params: Thing) -> Thing:
        require(row["status"] in {"not_started", "active"}, "It is over.")
        subscription = row["subscription"]
        if subscription:
            self.rows["subscriptions"][subscription]["schedule"] = None
        return self._change(
            row,
            "released",
            status="released",
            released_subscription=subscription,
            subscription=None,
        )

    # --- Time, and what people do at Stripe -----------------------------------------------------

    def move(self, seconds: int) -> None:
        """Schedules begin and end, subscriptions end."""
        self.now += seconds
        for row in list(self.rows["subscription_schedules"].values()):
            self._begin(row)
        for row in self.rows["subscriptions"].values():
            if row["cancel_at"] and row["cancel_at"] <= self.now and row["status"] != "canceled":
                self._change(row, "deleted", status="canceled")

    def _begin(self, row: Thing) -> None:
        if row["status"] != "not_started" or row["start_date"] > self.now:
            return
        (phase,) = row["phases"]
        end = int(phase["end_date"])
        fields = {
            "customer": row["customer"],
            "items": phase["items"],
            "metadata": phase.get("metadata", {}),
            "collection_method": phase["collection_method"],
            "trial_end": end if phase.get("trial") == "true" else None,
            "cancel_at": end if row["end_behavior"] == "cancel" else None,
        }
        made = self._subscribe(fields, schedule=row["id"])
        self._change(row, "updated", status="active", subscription=made["id"])

    def paid_by_customer(self, key: str) -> Thing:
        """The payer pays on Stripe's page."""
        return self._pay(self.get("invoices", key), off_stripe=0)

    def things(self, name: str) -> list[Thing]:
        return [*self.rows[name].values()]


def _fits(row: Thing, params: Thing) -> bool:
    since = int((params.get("created") or {}).get("gte", 0))
    status = params.get("status")
    keys = params.get("lookup_keys")
    return (
        row["created"] >= since
        and all(row.get(name) == params[name] for name in ("customer", "invoice") if name in params)
        and (status in {None, "all"} or row.get("status") == status)
        and (keys is None or row.get("lookup_key") in keys)
    )
