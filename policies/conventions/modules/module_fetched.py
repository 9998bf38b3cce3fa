"""MODULE_FETCHED"""

from __future__ import annotations

from ...convention import Convention, Example, NotShown, OtherRule, Result, Surface, Verdict, passed, unproven
from ...stack import MODULE, Resource, Stack
from ...values import Unknown

_AT = "source"


def check(stack: Stack, module: Resource) -> Result:
    missing = stack.missing_by_address.get(module.address)
    if missing is None:
        return passed(module, "its source is on disk", at=_AT)
    return unproven(module, "what the module declares is not judged", Unknown(missing.reason), at=_AT)


CALL = """\
module "orders" {
  source  = "terraform-aws-modules/lambda/aws"
  version = "8.1.2"

  function_name = "orders"
}
"""

FETCHED = """\
{
  "Modules": [
    {"Key": "", "Source": "", "Dir": "."},
    {
      "Key": "orders",
      "Source": "registry.terraform.io/terraform-aws-modules/lambda/aws",
      "Version": "8.1.2",
      "Dir": ".terraform/modules/orders"
    }
  ]
}
"""

MODULE_SOURCE = """\
variable "function_name" {
  type = string
}
"""

CONVENTION = Convention(
    id="MODULE_FETCHED",
    title="Modules are on disk",
    why="What a module declares can be judged only where its source is on disk. Until then a stack looks better than "
    "it is: nothing is said of the functions and APIs in a module that nobody fetched.",
    fix="Run terraform init, which puts the module into .terraform/modules.",
    explains=(
        "Every module that the root module calls, at any depth, is on disk: a local directory, or one that terraform "
        "init fetched, by .terraform/modules/modules.json.",
        "Otherwise it is unproven, once for each instance of the call, and says why: mostly that terraform init has to "
        "run; or that the source is outside the repository, for example.",
        "Other conventions say nothing of what the module may declare. Where one lacks something that may be in it, it "
        "is unproven too.",
    ),
    subject="module call",
    resource_types=(MODULE,),
    check=check,
    good=Example(
        CALL,
        files=((".terraform/modules/modules.json", FETCHED), (".terraform/modules/orders/variables.tf", MODULE_SOURCE)),
    ),
    bad=Example(CALL, fails_at=(("module.orders", 2),), verdict=Verdict.UNPROVEN),
    sources=("https://developer.hashicorp.com/terraform/cli/commands/init#child-module-installation",),
    not_shown=(
        NotShown(
            Surface.PLAN_ALONE,
            "Terraform plans only with every module at hand, and the plan has what they declare",
            Verdict.NOT_APPLICABLE,
        ),
        NotShown(Surface.LIVE, "modules are Terraform's, and AWS has none", Verdict.NOT_APPLICABLE),
    ),
    elsewhere=(
        OtherRule(
            "Checkov", "CKV_TF_1", "Whether the source names a commit; what is not on disk is a line in the log."
        ),
        OtherRule(
            "Checkov", "CKV_TF_2", "Whether the source names a version; what is not on disk is a line in the log."
        ),
    ),
)
