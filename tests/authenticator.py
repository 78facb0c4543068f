"""An authenticator in software: what a browser and a device would answer to the options of a page."""

import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftPasskey:
    """One passkey, kept by the device; `count` is what it says next, and never grows by itself."""

    origin: str
    host: str
    verified: bool = True
    count: int = 1
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    identity: bytes = field(default_factory=lambda: os.urandom(32))
    handle: bytes = b""

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _authenticator_data(self, flags: int, more: bytes = b"") -> bytes:
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([flags]) + struct.pack(">I", self.count) + more

    def _answer(self, response: dict[str, bytes]) -> dict[str, Any]:
        return {
            "id": websafe_encode(self.identity),
            "rawId": websafe_encode(self.identity),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {name: websafe_encode(value) for name, value in response.items()},
        }

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answers `navigator.credentials.create`."""
        asked = options["publicKey"]
        self.handle = websafe_decode(asked["user"]["id"])
        made = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call] # theirs
        public = cbor.encode(dict(made))
        more = bytes(16) + struct.pack(">H", len(self.identity)) + self.identity + public
        data = self._authenticator_data(ATTESTED, more)
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client_data("webauthn.create", asked)
        return self._answer({"clientDataJSON": client, "attestationObject": attestation})

    def use(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answers `navigator.credentials.get`."""
        client = self._client_data("webauthn.get", options["publicKey"])
        data = self._authenticator_data(0)
        signed = data + hashlib.sha256(client).digest()
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": data,
                "signature": self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
                "userHandle": self.handle,
            }
        )
