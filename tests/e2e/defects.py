"""The table of defects: a small edit of the reference stack's source, what the linter says of it, and its symptom."""

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.deployment import ROOT

API = "terraform/api.tf"
FUNCTION = "terraform/function.tf"
HANDLER = "lambda/hello/index.js"
OUTPUTS = "terraform/outputs.tf"

HELLO = '{"message":"Hello from Lambda!","path":"/hello"}'
NOT_FOUND = '{"message":"Not Found"}'
INTERNAL_SERVER_ERROR = '{"message":"Internal Server Error"}'
SERVICE_UNAVAILABLE = '{"message":"Service Unavailable"}'


class StaleEdit(Exception):
    """What an edit replaces is not in the file, or is there more than once."""


@dataclass(frozen=True)
class Edit:
    """`old`, which is in `file` once, becomes `new`. `file` is relative to where terraform/ and lambda/ are."""

    file: str
    old: str
    new: str = ""

    def apply(self, copy: Path) -> None:
        path = copy / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise StaleEdit(f"{path} has {self.old} {text.count(self.old)} times, and not once")
        path.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True)
class Symptom:
    """What GET /hello gets, and how many lines it leaves in the access log."""

    status: int
    body: str
    log_lines: int = 1


@dataclass(frozen=True, kw_only=True)
class Defect:
    """`edits` make it of the reference stack.

    All that `routeproof check` has against it is `verdict` of `convention` at `address`. All that `routeproof path` no
    longer proves are links of the kind `link`.
    """

    name: str
    edits: tuple[Edit, ...]
    convention: str
    address: str
    link: str
    symptom: Symptom
    verdict: str = "fail"


def block(file: str, first_line: str) -> str:
    """The reference stack's block that begins with this line: up to the brace that closes it."""
    text = (ROOT / file).read_text()
    start = text.index(f"{first_line}\n")
    end = f"\n{' ' * (len(first_line) - len(first_line.lstrip()))}}}\n"
    return text[start : text.index(end, start) + len(end)]


DEFECTS = (
    Defect(
        name="no-permission",
        edits=(Edit(API, block(API, 'resource "aws_lambda_permission" "api" {')),),
        convention="PERMISSION_EXPLICIT",
        address="aws_lambda_function.hello",
        link="permission",
        symptom=Symptom(500, INTERNAL_SERVER_ERROR),
    ),
    Defect(
        name="scope-too-deep",
        edits=(
            Edit(API, '"GET /hello"', '"$default"'),
            Edit(API, "execution_arn}/*/*", "execution_arn}/*/*/*"),
        ),
        convention="PERMISSION_SCOPE",
        address="aws_lambda_permission.api",
        link="permission",
        symptom=Symptom(500, INTERNAL_SERVER_ERROR),
    ),
    Defect(
        name="payload-1",
        edits=(Edit(API, 'payload_format_version = "2.0"', 'payload_format_version = "1.0"'),),
        convention="PAYLOAD_V2",
        address="aws_apigatewayv2_integration.hello",
        link="integration",
        symptom=Symptom(200, '{"message":"Hello from Lambda!"}'),
    ),
    Defect(
        name="target-missing",
        edits=(Edit(API, '  target    = "integrations/${aws_apigatewayv2_integration.hello.id}"\n'),),
        convention="ROUTE_TARGET",
        address="aws_apigatewayv2_route.hello",
        link="integration",
        symptom=Symptom(500, INTERNAL_SERVER_ERROR),
    ),
    # An integration that was removed, and its id written by hand: only AWS knows that it is gone.
    Defect(
        name="target-gone",
        edits=(Edit(API, "integrations/${aws_apigatewayv2_integration.hello.id}", "integrations/abc1234"),),
        convention="ROUTE_TARGET",
        verdict="unproven",
        address="aws_apigatewayv2_route.hello",
        link="integration",
        symptom=Symptom(500, INTERNAL_SERVER_ERROR),
    ),
    # The handler takes 3 s of the 10 s that the function may take.
    Defect(
        name="api-gives-up",
        edits=(
            Edit(API, "timeout_milliseconds = var.timeout * 1000", "timeout_milliseconds = 1000"),
            Edit(
                HANDLER, "statusCode: 200", "statusCode: await new Promise((answer) => setTimeout(answer, 3000, 200))"
            ),
        ),
        convention="TIMEOUT_CHAIN",
        address="aws_apigatewayv2_integration.hello",
        link="integration",
        symptom=Symptom(503, SERVICE_UNAVAILABLE),
    ),
    Defect(
        name="handler-missing",
        edits=(Edit(HANDLER, "exports.handler =", "exports.hello ="),),
        convention="LAMBDA_HANDLER",
        address="aws_lambda_function.hello",
        link="handler",
        symptom=Symptom(500, INTERNAL_SERVER_ERROR),
    ),
    # Its code is changed afterwards and applied again, and still the first one answers.
    Defect(
        name="no-code-hash",
        edits=(Edit(FUNCTION, "  source_code_hash = data.archive_file.hello.output_base64sha256\n"),),
        convention="SOURCE_CODE_HASH",
        address="aws_lambda_function.hello",
        link="package",
        symptom=Symptom(200, HELLO),
    ),
    Defect(
        name="no-access-log",
        edits=(Edit(API, block(API, "  access_log_settings {")),),
        convention="ACCESS_LOGS",
        address="aws_apigatewayv2_stage.default",
        link="access_log",
        symptom=Symptom(200, HELLO, log_lines=0),
    ),
    Defect(
        name="no-stage",
        edits=(
            Edit(API, block(API, 'resource "aws_apigatewayv2_stage" "default" {')),
            Edit(
                OUTPUTS,
                'trimsuffix(aws_apigatewayv2_stage.default.invoke_url, "/")',
                '"https://${aws_apigatewayv2_api.main.id}.execute-api.${var.aws_region}.amazonaws.com"',
            ),
        ),
        convention="DEFAULT_STAGE",
        address="aws_apigatewayv2_api.main",
        link="stage",
        symptom=Symptom(404, NOT_FOUND, log_lines=0),
    ),
    Defect(
        name="not-deployed",
        edits=(Edit(API, "auto_deploy = true", "auto_deploy = false"),),
        convention="DEFAULT_STAGE",
        address="aws_apigatewayv2_api.main",
        link="stage",
        symptom=Symptom(404, NOT_FOUND, log_lines=0),
    ),
    Defect(
        name="double-slash",
        edits=(
            Edit(
                OUTPUTS,
                'trimsuffix(aws_apigatewayv2_stage.default.invoke_url, "/")',
                "aws_apigatewayv2_stage.default.invoke_url",
            ),
        ),
        convention="API_URL_OUTPUT",
        address="output.api_url",
        link="output",
        symptom=Symptom(404, NOT_FOUND),
    ),
)
