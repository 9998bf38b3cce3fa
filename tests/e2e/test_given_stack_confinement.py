"""What a given stack says of where AWS and its state are: nothing leaves this machine."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.given_stack import confinement
from tests.e2e.given_stack.confinement import BACKEND, OVERRIDE, Outside, confine
from tests.e2e.given_stack.diagnostics import told
from tests.tools import providers
from tests.tools.terraform import Terraform, TerraformFailed

PROVIDERS = """\
terraform {
  required_providers {
    amazon = {
      source = "registry.terraform.io/hashicorp/aws"
    }
  }
}
provider "aws" {
  region     = "eu-west-1"
  access_key = "A"
  profile    = var.profile
  endpoints {
    sts = "https://example.com"
  }
}
provider "aws" {
  alias  = "plain"
  region = "us-east-1"
}
provider "amazon" {
  alias = "deploy"
  dynamic "assume_role" {
    for_each = [1]
    content {
      role_arn = "a"
    }
  }
}
provider "google" {
  profile = "a"
}
resource "aws_s3_bucket" "b" {
  lifecycle {
    prevent_destroy = true
  }
}
"""
NOT_ELSEWHERE = """\
provider "aws" {
  access_key = null
  profile = null
  token = null
  dynamic "endpoints" {
    for_each = []
    content {}
  }
}

provider "amazon" {
  alias = "deploy"
  dynamic "assume_role" {
    for_each = []
    content {}
  }
}

resource "aws_s3_bucket" "b" {
  lifecycle {
    prevent_destroy = false
  }
}
"""


def test_what_leads_elsewhere_is_unset(tmp_path: Path):
    """In the root module, where an override file of its own is, and in modules of either syntax."""
    (tmp_path / "override.tf").write_text('provider "aws" {\n  token = "a"\n}\n')
    (tmp_path / "main.tf").write_text(PROVIDERS)
    modules = tmp_path / ".terraform" / "modules"
    modules.mkdir(parents=True)
    (modules / "modules.json").write_text(json.dumps({"Modules": [{"Dir": "."}, {"Dir": "json"}, {"Dir": "plain"}]}))
    for name in ("json", "plain", "uncalled"):
        (tmp_path / name).mkdir()
    role = {"role_arn": "a"}
    (tmp_path / "json" / "a.tf.json").write_text(
        json.dumps(
            {
                "terraform": {"required_providers": {"a": {"source": "hashicorp/aws"}}},
                "provider": {"a": [{"assume_role": role}, {"alias": "b", "max_retries": 1}]},
            }
        )
    )
    (tmp_path / "uncalled" / "a.tf").write_text("this does not parse")
    confine(tmp_path, tmp_path)
    assert (tmp_path / OVERRIDE).read_text() == f"{BACKEND}\n{NOT_ELSEWHERE}"
    assert (tmp_path / "json" / OVERRIDE).read_text() == (
        'provider "a" {\n  dynamic "assume_role" {\n    for_each = []\n    content {}\n  }\n}\n\n'
        'provider "a" {\n  alias = "b"\n  max_retries = null\n}\n'
    )
    assert not (tmp_path / "plain" / OVERRIDE).exists()


def test_a_module_outside_the_copy_is_refused(tmp_path: Path):
    root = tmp_path / "copy"
    (root / ".terraform" / "modules").mkdir(parents=True)
    (root / ".terraform" / "modules" / "modules.json").write_text(json.dumps({"Modules": [{"Dir": "../elsewhere"}]}))
    with pytest.raises(Outside, match=rf"^the module in {tmp_path}/elsewhere is not in the repository$"):
        confine(root, root)


ELSEWHERE = """\
provider "aws" {
  max_retries                 = 1
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  endpoints {
    sqs = "https://sqs.example.com"
  }
}
data "aws_sqs_queue" "q" {
  name = "q"
}
"""


def test_what_still_leads_elsewhere_is_refused(terraform: Terraform, variables: Mapping[str, str], tmp_path: Path):
    """A request that the override does not prevent ends at this machine."""
    (tmp_path / "main.tf").write_text(ELSEWHERE)
    providers.init(terraform, directory=tmp_path, variables=variables)
    with pytest.raises(TerraformFailed) as failure:
        terraform.run(
            "apply", "-auto-approve", "-json", directory=tmp_path, variables=confinement.environment(variables)
        )
    lines = told("It fails.", failure.value.output, {}).splitlines()
    assert lines[:2] == ["It fails.", "Terraform says:"]
    assert lines[2].startswith("  data.aws_sqs_queue.q: this would leave this machine, and is refused: ")
    assert 'Post "https://sqs.example.com/": proxyconnect tcp: dial tcp 127.0.0.1:1: ' in lines[2]
