"""Secrets, keys, aliases and policies with Jinja, and nothing that checks them.

python render_jinja.py COUNT FOLDER
"""

import sys
from pathlib import Path

import jinja2

TEMPLATE = """\
provider "aws" {
  region = "us-east-1"
}
{% for n in range(count) %}

resource "aws_kms_key" "key-{{ n }}" {
  description             = "Secret app/secret-{{ n }}"
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "alias-{{ n }}" {
  name          = "alias/bench/app/secret-{{ n }}"
  target_key_id = aws_kms_key.key-{{ n }}.key_id
}

resource "aws_secretsmanager_secret" "secret-{{ n }}" {
  name       = "app/secret-{{ n }}"
  kms_key_id = aws_kms_key.key-{{ n }}.arn
}

resource "aws_secretsmanager_secret_policy" "policy-{{ n }}" {
  secret_arn = aws_secretsmanager_secret.secret-{{ n }}.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111111111111:role/secrets-reader" }
      Action    = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource  = "*"
    }]
  })
}
{% endfor %}
"""
count, folder = int(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(exist_ok=True)
text = jinja2.Template(TEMPLATE).render(count=count)
(folder / "main.tf").write_text(text, encoding="utf-8")
