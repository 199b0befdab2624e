"""Every ARN that is rendered is of the partition of the environment, in the runbooks as well."""

import re
from pathlib import Path

from tests.rendered import render

SPEC = """\
version: 1
environment: government
aws: { account_id: "123456789012", region: us-gov-west-1, partition: aws-us-gov }
backend: { bucket: my-states, locking: s3 }
accounts: { app: { id: "111111111111", roles: { Support: { permission_set: true } } } }
monitoring:
  notify: { email: [security@example.com] }
  rotation_failures: true
  unauthorized_access: true
  kms_anomalies: true
  cloudtrail: true
secrets:
  app/key:
    readers: [app, "app:Support"]
    writers: [app]
    exclusive: { except: [terraform] }
    notify_readers: true
    replicas: [us-gov-east-1]
  app/database:
    rotation:
      application: mysql-single-user
      every_days: 30
      vpc: { subnet_ids: [subnet-0123456789abcdef0], security_group_ids: [sg-0123456789abcdef0] }
"""


def test_no_arn_of_another_partition_is_rendered(tmp_path: Path) -> None:
    environment = render(tmp_path, SPEC)
    files = {file: file.read_text("utf-8") for file in environment.rglob("*") if file.is_file()}
    found = {
        (file.relative_to(environment).as_posix(), arn)
        for file, text in files.items()
        for arn in re.findall(r"arn:(?!aws-us-gov:)[^\s`\"']*", text)
    }
    assert found == set()
