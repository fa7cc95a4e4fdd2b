"""Files in S3: what a browser may post, and which bytes are kept."""

from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from shared.kyc.providers.s3 import S3Vault

JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 3000
KEY = "quarantine/usr/doc"


emulated = pytest.mark.emulator


@pytest.fixture
def s3(emulator: str, aws_account: str) -> Any:
    client = boto3.client(
        "s3",
        endpoint_url=emulator,
        region_name="us-east-1",
        aws_access_key_id=aws_account,
        aws_secret_access_key="test",
        config=Config(signature_version="s3v4"),
    )
    for bucket in (f"q-{aws_account}", f"d-{aws_account}"):
        client.create_bucket(Bucket=bucket)
    return client


@pytest.fixture
def vault(s3: Any, aws_account: str) -> S3Vault:
    return S3Vault(f"q-{aws_account}", f"d-{aws_account}", s3)


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def post(browser: httpx.Client, vault: S3Vault, content: bytes, **change: str) -> int:
    target = vault.upload_target(KEY, "image/jpeg", 10_240, 20_480, 600)
    fields = {**target.fields, **change}
    return browser.post(target.url, data=fields, files={"file": ("x.jpg", content)}).status_code


def etag_of(s3: Any, account: str) -> str:
    return str(s3.head_object(Bucket=f"q-{account}", Key=KEY)["ETag"].strip('"'))


@emulated
def test_a_posted_file_is_read_and_kept_by_its_etag(
    browser: httpx.Client, vault: S3Vault, s3: Any, aws_account: str
) -> None:
    assert post(browser, vault, JPEG) in (200, 201, 204)
    etag = etag_of(s3, aws_account)
    assert vault.read_new(KEY, etag) == JPEG
    assert vault.read_new(KEY, "0" * 32) is None
    assert vault.read_new("quarantine/usr/none", etag) is None
    assert vault.keep(KEY, "0" * 32, "identity/usr/doc", "image/jpeg") is False
    for _ in range(2):
        assert vault.keep(KEY, etag, "identity/usr/doc", "image/jpeg") is True
    assert vault.read_kept("identity/usr/doc") == JPEG


@emulated
@pytest.mark.parametrize(
    ("content", "change"),
    [
        (JPEG[:100], {}),
        (JPEG * 3, {}),
        (JPEG, {"Content-Type": "text/html"}),
        (JPEG, {"key": "quarantine/somebody/else"}),
    ],
)
def test_anything_else_than_agreed_is_not_taken(
    browser: httpx.Client,
    vault: S3Vault,
    s3: Any,
    aws_account: str,
    content: bytes,
    change: dict[str, str],
) -> None:
    assert post(browser, vault, content, **change) in (400, 403)
    assert s3.list_objects_v2(Bucket=f"q-{aws_account}").get("KeyCount", 0) == 0


@emulated
def test_a_kept_file_outlives_its_quarantine(
    browser: httpx.Client, vault: S3Vault, s3: Any, aws_account: str
) -> None:
    post(browser, vault, JPEG)
    etag = etag_of(s3, aws_account)
    assert vault.keep(KEY, etag, "identity/usr/doc", "image/jpeg") is True
    s3.delete_object(Bucket=f"q-{aws_account}", Key=KEY)
    assert vault.keep(KEY, etag, "identity/usr/doc", "image/jpeg") is True
    assert vault.keep(KEY, "0" * 32, "identity/usr/doc", "image/jpeg") is False
    assert vault.keep(KEY, etag, "identity/usr/never", "image/jpeg") is False


@emulated
def test_a_vault_without_a_bucket_of_documents_only_makes_links(s3: Any, aws_account: str) -> None:
    links = S3Vault(f"q-{aws_account}", client=s3)
    assert links.upload_target(KEY, "image/png", 1, 2, 600).fields["key"] == KEY
    with pytest.raises(RuntimeError):
        links.read_kept("identity/usr/doc")


def stubbed() -> tuple[S3Vault, Stubber]:
    client = boto3.client("s3", region_name="us-east-1")
    return S3Vault("q", "d", client), Stubber(client)


def test_a_bucket_that_cannot_be_listed_answers_for_what_is_gone_like_an_absence() -> None:
    vault, stub = stubbed()
    stub.add_client_error("copy_object", "AccessDenied", http_status_code=403)
    stub.add_client_error("head_object", "403", http_status_code=403)
    with stub:
        assert vault.keep(KEY, "e", "identity/usr/doc", "image/jpeg") is False
    stub.assert_no_pending_responses()


def test_trouble_in_storage_is_never_taken_for_an_absence() -> None:
    vault, stub = stubbed()
    stub.add_client_error("copy_object", "InternalError", http_status_code=400)
    stub.add_client_error("get_object", "AccessDenied", http_status_code=403)
    with stub:
        with pytest.raises(ClientError):
            vault.keep(KEY, "e", "identity/usr/doc", "image/jpeg")
        with pytest.raises(ClientError):
            vault.read_new(KEY, "e")
    stub.assert_no_pending_responses()
