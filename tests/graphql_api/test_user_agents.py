"""Devices are remembered in words of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphql_api.user_agents import device_of

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("header", "device"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Version/18.0 "
            "Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0 "
            "Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
            "Firefox on Android",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) {WEBKIT} Version/18.0 Safari/605",
            "Safari on Mac",
        ),
        ("python-httpx/0.28.1", ""),
        ("", ""),
        ("4242424242424242 on Android", "Android"),
        ("x" * 2_000 + "Firefox/1", ""),
    ],
)
def test_a_header_becomes_a_program_and_a_system(header: str, device: str) -> None:
    assert device_of(header) == device


WORDS = "Edge|Opera|Samsung Internet|Firefox|Chrome|Safari"


@given(st.text(max_size=200))
def test_nothing_of_a_text_stays_but_known_words(header: str) -> None:
    rest = device_of(header)
    for word in (*WORDS.split("|"), "iPhone", "iPad", "Android", "Windows", "ChromeOS", "Mac"):
        rest = rest.replace(word, "")
    assert rest.replace(" on ", "").replace("Linux", "").replace("OS", "") == ""
