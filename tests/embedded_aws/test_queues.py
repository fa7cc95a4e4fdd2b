"""Messages leave a dead-letter queue again, as on AWS."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.emulator


def test_a_redrive_moves_every_message_back_to_the_queue_it_came_from(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    dead_url, dead_arn = cloud.queue("redrive-dead")
    policy = {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 3}
    source_url, _ = cloud.queue("redrive-source", RedrivePolicy=json.dumps(policy))
    for body in ("first", "second"):
        sqs.send_message(QueueUrl=dead_url, MessageBody=body)

    sqs.start_message_move_task(SourceArn=dead_arn)

    assert sorted(cloud.received(source_url, 2)) == ["first", "second"]
    assert cloud.received(dead_url, 0) == []


def test_a_redrive_may_name_another_queue(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    dead_url, dead_arn = cloud.queue("named-dead")
    other_url, other_arn = cloud.queue("named-other")
    sqs.send_message(QueueUrl=dead_url, MessageBody="only")

    sqs.start_message_move_task(SourceArn=dead_arn, DestinationArn=other_arn)

    assert cloud.received(other_url, 1) == ["only"]
    assert cloud.received(dead_url, 0) == []


def test_a_redrive_of_an_unknown_queue_is_refused(cloud: Any) -> None:
    sqs = cloud.client("sqs")

    with pytest.raises(sqs.exceptions.ClientError, match="ResourceNotFoundException"):
        sqs.start_message_move_task(SourceArn="arn:aws:sqs:us-east-1:000000000000:nowhere")


def test_a_redrive_without_a_source_leaves_the_messages_where_they_are(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    lonely_url, lonely_arn = cloud.queue("lonely-dead")
    sqs.send_message(QueueUrl=lonely_url, MessageBody="kept")

    with pytest.raises(sqs.exceptions.ClientError, match="InvalidParameterValue"):
        sqs.start_message_move_task(SourceArn=lonely_arn)

    assert cloud.received(lonely_url, 1) == ["kept"]
