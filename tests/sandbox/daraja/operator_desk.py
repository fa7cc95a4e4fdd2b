"""What an operator knows: initiator, password and the certificate to encrypt it for."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import load_pem_x509_certificate

INITIATOR, PASSWORD = "testapi", "Safaricom999!*!"
PAYBILL, PAYOUTS = "174379", "600996"


def sealed(certificate, password=PASSWORD):
    key = load_pem_x509_certificate(certificate.encode()).public_key()
    return base64.b64encode(key.encrypt(password.encode(), padding.PKCS1v15())).decode()


def result_of(received):
    return json.loads(received.body)["Result"]


def values_of(received):
    listed = result_of(received)["ResultParameters"]["ResultParameter"]
    return {one["Key"]: one.get("Value") for one in listed}
