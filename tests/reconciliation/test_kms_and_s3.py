"""Reports are kept and signed by AWS: a byte that changed is seen."""

import hashlib
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from shared.reconciliation.providers.kms_signer import KmsSigner
from shared.reconciliation.providers.s3_archive import S3Archive

CONTENT = b'{"book":"STRIPE:USD","day":"2026-03-02"}'
DIGEST = hashlib.sha256(CONTENT).digest()


@pytest.fixture
def signer() -> Iterator[KmsSigner]:
    with mock_aws():
        client = boto3.client("kms", region_name="us-east-1")
        made = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        yield KmsSigner(made["KeyMetadata"]["Arn"], client)


def test_a_signature_is_of_these_bytes_and_no_others(signer: KmsSigner) -> None:
    signature = signer.sign(DIGEST)
    assert signer.verified(DIGEST, signature) is True
    for place in range(len(CONTENT)):
        changed = bytearray(CONTENT)
        changed[place] ^= 1
        assert signer.verified(hashlib.sha256(changed).digest(), signature) is False


@pytest.mark.parametrize("signature", ["", "AAAA", "no base64!", "MEQCIA=="])
def test_what_is_no_signature_proves_nothing(signer: KmsSigner, signature: str) -> None:
    assert signer.verified(DIGEST, signature) is False


def test_another_key_s_signature_proves_nothing(signer: KmsSigner) -> None:
    client = boto3.client("kms", region_name="us-east-1")
    made = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    other = KmsSigner(made["KeyMetadata"]["Arn"], client)
    assert signer.verified(DIGEST, other.sign(DIGEST)) is False


def test_what_was_kept_is_read_and_what_was_not_is_nothing() -> None:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="reports")
        archive = S3Archive("reports", client)
        archive.keep("STRIPE/USD/2026-03-02/a.json", CONTENT)
        archive.keep("STRIPE/USD/2026-03-02/a.json", CONTENT)
        assert archive.read("STRIPE/USD/2026-03-02/a.json") == CONTENT
        assert archive.read("STRIPE/USD/2026-03-02/b.json") is None
