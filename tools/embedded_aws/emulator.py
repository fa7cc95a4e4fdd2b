"""Handles to the emulator's modules; they are not installed where the project is type-checked."""

from importlib import import_module
from typing import Any

lambdas: Any = import_module("ministack.services.lambda_svc")
workers: Any = import_module("ministack.core.lambda_runtime")
requests: Any = import_module("ministack.core.responses")
dynamodb: Any = import_module("ministack.services.dynamodb")
secrets: Any = import_module("ministack.services.secretsmanager")
permissions: Any = import_module("ministack.core.iam_actions")
mail: Any = import_module("ministack.services.ses_v2")
gateway: Any = import_module("ministack.services.apigateway")
sqs: Any = import_module("ministack.services.sqs")
provisioners: Any = import_module("ministack.services.cloudformation.provisioners")
resource_types: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS
