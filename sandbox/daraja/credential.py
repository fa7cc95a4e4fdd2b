"""The operator's credential: the password, encrypted for the key of a certificate.

The key pair belongs to this sandbox alone and protects nothing.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any

from sandbox.config import SandboxConfig
from sandbox.daraja.errors import bad_field

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIICvTCCAaWgAwIBAgIBATANBgkqhkiG9w0BAQsFADAhMR8wHQYDVQQDDBZzYW5k
Ym94LmRhcmFqYS5pbnZhbGlkMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAw
MDAwWjAhMR8wHQYDVQQDDBZzYW5kYm94LmRhcmFqYS5pbnZhbGlkMIIBIjANBgkq
hkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwjFBCPnbCTSUmY7270ZXlRzCa5rhFiUe
oUUy+pYMTpknB8l7ks+DHN+dGUjsFxjKMmhQ3uKj9xO/L6Gh5OXalw6ITSKC40QG
H4IskQm6acNaLAOKyd0l1hShg2GjJMrmFovwcSCnVmkeF54ns+JXQgroGokJthtL
p9TPm5kEKYAorIQUSktI5UbXfJVW7pctBNUjdYHT8U/v//G52Q7oQhLW2I9ar8Ti
Hs6HvwuxBpYb+/Ss1OZpsAzbOOm79j2vyhSt5xsEzsHgmWTlqyO0wv6nufsXvRLn
Wp2izwa2uDdo848EJPDlKWw2e7Axd7ZTjeq3EDO0rbm0A+Gb1o0dvQIDAQABMA0G
CSqGSIb3DQEBCwUAA4IBAQB7UGwiguZv90xG1vFxUGrHOYLYnGW4H1xJxA3fpr5O
Sn4EPHihjPZIsL0gBDfrGLW5q6K7rVjl3dRXCjbjrf5Acj7zLngA2e6nf5XcjGwv
lBPoFN+P4ZeOEBm6eLkttr4DsESQ4z81kRCP/KlIrwgbIIozntLml5pjwx/sYmmX
Qu8s/Oa6lpy1xGPjbKPKZJytLanVFlr8QRNSqO+SP+D51RuNvvc7OOtXarD5Lnl1
7PwDX0w7YYKPKWnpB+S3Q6x6uEb7Nl4hEpxPJg+YyV30NUQuYyR3ack1Fun3VEfn
g4+NjH3PQWLNy7WCdz4+Q14SwHxcitIxofWCg2ieklaR
-----END CERTIFICATE-----
"""
_MODULUS = int(
    "c2314108f9db093494998ef6ef4657951cc26b9ae116251ea14532fa960c4e992707c97b92cf831cdf9d1948"
    "ec1718ca326850dee2a3f713bf2fa1a1e4e5da970e884d2282e344061f822c9109ba69c35a2c038ac9dd25d6"
    "14a18361a324cae6168bf07120a756691e179e27b3e257420ae81a8909b61b4ba7d4cf9b9904298028ac8414"
    "4a4b48e546d77c9556ee972d04d5237581d3f14feffff1b9d90ee84212d6d88f5aafc4e21ece87bf0bb10696"
    "1bfbf4acd4e669b00cdb38e9bbf63dafca14ade71b04cec1e09964e5ab23b4c2fea7b9fb17bd12e75a9da2cf"
    "06b6b83768f38f0424f0e5296c367bb03177b6538deab71033b4adb9b403e19bd68d1dbd",
    16,
)
_EXPONENT = int(
    "43dada12bcdba097d2e4e563bbb024a261ee3d935cdb541523dcfe37397f0b67d08f9403ae04fc97763b7abe"
    "5460adb4d97041f1dfd7d359ff1031b654394cec4393b5003e24137ce03da83cf5dd415f957e93ae476312f9"
    "7f3400a8794d3de8b0302dd019ccdf10d40704a872dec006bfb0e2b4c7c3ee3dbd634b37df7be8d3d74136cd"
    "1feb5e94ca3aaf3603fdd69da782ca1d6ffc305c290fd60faec6c063d4e2e28fe1a058b537d6dde16b7e5460"
    "cfedc270c1795a40650e0f37eb12380f67f153650f13037f79afcbb75cf37c81a13301337c4ebd2cc90039a4"
    "b92d892abb8f9b81e998f16c051f3894954c5782ad278664214a2d163eed93da87dbefb1",
    16,
)
_BYTES = (_MODULUS.bit_length() + 7) // 8


def check_operator(body: Mapping[str, Any], config: SandboxConfig, name: str = "Initiator") -> None:
    """Lets pass who names the operator and knows the password.

    Raises:
        DarajaError: 400.002.02 naming the field.
    """
    if body.get(name) != config.daraja_initiator:
        raise bad_field(name)
    opened = _opened(body.get("SecurityCredential"))
    if not hmac.compare_digest(opened, config.daraja_initiator_password.encode()):
        raise bad_field("SecurityCredential")


def _opened(credential: object) -> bytes:
    """RSA with PKCS#1 v1.5 padding: 00 02, at least eight bytes that are not zero, 00, message."""
    try:
        sealed = base64.b64decode(str(credential), validate=True)
    except (binascii.Error, ValueError):
        return b""
    number = int.from_bytes(sealed, "big")
    if len(sealed) != _BYTES or number >= _MODULUS:
        return b""
    plain = pow(number, _EXPONENT, _MODULUS).to_bytes(_BYTES, "big")
    padding, _, message = plain[2:].partition(b"\x00")
    return message if plain[:2] == b"\x00\x02" and len(padding) >= 8 else b""
