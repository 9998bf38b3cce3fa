"""What the endpoint tells of the emulator: what there is, and what it does not know."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.e2e.given_stack.deploying import inventory
from tests.e2e.laboratory import ECHO, ROLE, package
from tests.e2e.local_aws import LocalAws
from tests.e2e.local_aws.not_known import read_log


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "asked"),
    [
        ("guardduty", "list_detectors", {}, "guardduty GET /detector"),
        ("codedeploy", "list_applications", {}, "codedeploy ListApplications"),
        ("apigatewayv2", "create_vpc_link", {"Name": "a", "SubnetIds": []}, "apigateway POST /v2/vpclinks"),
        ("cloudwatch", "list_metric_streams", {}, "monitoring ListMetricStreams"),
        ("iam", "list_organizations_features", {}, "iam ListOrganizationsFeatures"),
    ],
)
def test_what_the_emulator_does_not_know_is_logged(
    aws: LocalAws, service: str, operation: str, arguments: Mapping[str, Any], asked: str
):
    """By the request id that the caller is given, which Terraform prints."""
    with pytest.raises(ClientError) as failure:
        getattr(boto3.client(service), operation)(**arguments)
    metadata = failure.value.response["ResponseMetadata"]
    note = read_log(aws.log_file.read_text())[metadata["RequestId"]]
    assert (note.asked, note.status) == (asked, metadata["HTTPStatusCode"])


def test_what_the_emulator_refuses_is_not_unknown_to_it(aws: LocalAws):
    with pytest.raises(ClientError) as failure:
        boto3.client("lambda").get_function(FunctionName="nothing")
    assert failure.value.response["ResponseMetadata"]["RequestId"] not in read_log(aws.log_file.read_text())


def test_the_inventory_has_what_is_there_and_nothing_else(aws: LocalAws):
    """Of services of every kind, in every region; what can be had back for some days counts as gone."""
    before = inventory(aws)
    queues, keys = boto3.client("sqs", region_name="eu-west-1"), boto3.client("kms")
    functions, groups = boto3.client("lambda"), boto3.client("logs")
    url = queues.create_queue(QueueName="inventory")["QueueUrl"]
    key = keys.create_key()["KeyMetadata"]["KeyId"]
    code = {"Runtime": "nodejs22.x", "Handler": "index.handler", "Code": {"ZipFile": package(ECHO)}}
    functions.create_function(FunctionName="inventory", Role=ROLE, **code)
    functions.invoke(FunctionName="inventory")
    there = inventory(aws) - before
    assert {
        "cloudwatch_logs log_groups /aws/lambda/inventory",
        f"kms keys {key}",
        "lambda_svc functions inventory",
        "sqs queue_name_to_url inventory",
    } <= there
    queues.delete_queue(QueueUrl=url)
    keys.schedule_key_deletion(KeyId=key)
    functions.delete_function(FunctionName="inventory")
    # Lambda made it, and leaves it, as AWS's does.
    assert inventory(aws) - before == {"cloudwatch_logs log_groups /aws/lambda/inventory"}
    groups.delete_log_group(logGroupName="/aws/lambda/inventory")
    assert inventory(aws) - before == set()
