"""Notifications: items that are signed each for itself, and what can go wrong with them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from sandbox.adyen.objects import Amount, Json
from sandbox.context import Sandbox

VENDOR = "adyen"
OLD_KEY = "FEDCBA9876543210" * 4
WRONG_KEY = "00112233445566778899AABBCCDDEEFF" * 2
OTHER_ACCOUNT = "AnotherShop"
SIGNED = ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")


def signature(item: Json, key: str) -> str:
    """HMAC-SHA256 in Base64 over eight members, joined by colons; the key is hexadecimal."""
    members = [
        *(item.get(name, "") for name in SIGNED),
        item["amount"]["value"],
        item["amount"]["currency"],
        item["eventCode"],
        item["success"],
    ]
    text = ":".join(str(member) for member in members)
    digest = hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Notifications:
    """Makes, spoils and sends them. Beside the faults of every webhook: `forged` (one more with
    a wrong key first; params.only: no true one), `unsigned`, `rolled` (the key before this one),
    `wrong_account`, `wrong_mode` (live), `wrong_amount` (params.amount), `wrong_currency`,
    `two_items` (kept back and sent in one delivery with the next)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._kept_back: list[Json] = []

    def clear(self) -> None:
        """Forgets what was kept back."""
        self._kept_back.clear()

    def publish(
        self,
        event: str,
        *,
        psp: str,
        reference: str,
        amount: Amount,
        success: bool = True,
        original: str | None = None,
        reason: str = "",
        method: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        """Sends an item, if there is a target."""
        url = self._sandbox.config.adyen_webhook_url
        if url is None:
            return
        item: Json = {
            "amount": amount.as_json(),
            "eventCode": event,
            "eventDate": self._sandbox.now().isoformat(timespec="seconds"),
            "merchantAccountCode": self._sandbox.config.adyen_merchant_account,
            "merchantReference": reference,
            "pspReference": psp,
            "reason": reason,
            "success": "true" if success else "false",
        }
        if original is not None:
            item["originalReference"] = original
        if method is not None:
            item["paymentMethod"] = method
        if event == "AUTHORISATION" and success:
            item["operations"] = ["CANCEL", "CAPTURE", "REFUND"]
        self._sandbox.background.spawn(self._deliver(url, event, self._spoilt(event, item), more))

    def _spoilt(self, event: str, item: Json) -> Json:
        if self._take(event, "wrong_account") is not None:
            item["merchantAccountCode"] = OTHER_ACCOUNT
        amount = self._take(event, "wrong_amount")
        if amount is not None:
            item["amount"]["value"] = amount.get("amount", item["amount"]["value"] + 1)
        if self._take(event, "wrong_currency") is not None:
            item["amount"]["currency"] = "EUR" if item["amount"]["currency"] != "EUR" else "USD"
        return item

    async def _deliver(
        self, url: str, event: str, item: Json, more: Mapping[str, str] | None
    ) -> None:
        forged = self._take(event, "forged")
        if forged is not None:
            await self._post(url, event, [self._signed(item, more, WRONG_KEY)])
            if forged.get("only"):
                return
        key = self._sandbox.config.adyen_hmac_key
        if self._take(event, "rolled") is not None:
            key = OLD_KEY
        signed = self._signed(item, more, key)
        if self._take(event, "unsigned") is not None:
            del signed["additionalData"]["hmacSignature"]
        if self._take(event, "two_items") is not None:
            self._kept_back.append(signed)
            return
        items, self._kept_back = [*self._kept_back, signed], []
        await self._post(url, event, items)

    @staticmethod
    def _signed(item: Json, more: Mapping[str, str] | None, key: str) -> Json:
        told = {**(more or {}), "hmacSignature": signature(item, key)}
        return {"additionalData": told, **item}

    async def _post(self, url: str, event: str, items: list[Json]) -> None:
        live = self._take(event, "wrong_mode") is not None
        content = {
            "live": "true" if live else "false",
            "notificationItems": [{"NotificationRequestItem": item} for item in items],
        }
        await self._sandbox.outbound.deliver(
            vendor=VENDOR,
            url=url,
            body=json.dumps(content).encode(),
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Adyen HttpClient 1.0",
            },
            event_type=event,
        )

    def _take(self, event: str, kind: str) -> Mapping[str, Any] | None:
        found = self._sandbox.faults.take(VENDOR, event, kind)
        return self._sandbox.faults.take(VENDOR, "webhook", kind) if found is None else found
