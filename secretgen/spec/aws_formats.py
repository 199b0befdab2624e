"""The forms of text that AWS prescribes: ids, ARNs, names of resources, limits.

Each names the rule that text of another form breaks; the rule says where the limit comes from.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema

from secretgen.model.environment import Partition
from secretgen.model.secret import AWS_MANAGED
from secretgen.spec.types import Format, NullMeans

_COMMERCIAL = (
    "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 "
    "ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 "
    "us-east-1 us-east-2 us-west-1 us-west-2"
)
_COMMERCIAL_OPT_IN = (
    "af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 "
    "ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-2 eu-south-1 eu-south-2 il-central-1 "
    "me-central-1 me-south-1 mx-central-1"
)

OPT_IN_REGIONS = frozenset(_COMMERCIAL_OPT_IN.split())
"""Regions launched after 20 March 2019: an account has to enable them before it uses them."""

PARTITION_OF_REGION = {
    **dict.fromkeys(f"{_COMMERCIAL} {_COMMERCIAL_OPT_IN}".split(), Partition.AWS),
    **dict.fromkeys(("us-gov-east-1", "us-gov-west-1"), Partition.GOVCLOUD),
    **dict.fromkeys(("cn-north-1", "cn-northwest-1"), Partition.CHINA),
}
"""Every known Region, with the partition that it belongs to."""

REGIONS = tuple(sorted(PARTITION_OF_REGION))


ARN = r"arn:aws[a-z-]*"
"""Begin of an ARN in any partition, as a regular expression."""

_KEY_ID = (
    r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"
)
_ALIAS = r"alias/[A-Za-z0-9/_-]{1,250}"

AccountId = Annotated[
    str,
    Format(
        "SG215",
        "an AWS account id: 12 digits",
        pattern=r"[0-9]{12}",
        minimum=12,
        maximum=12,
        letters="0-9",
        examples=("123456789012",),
    ),
    WithJsonSchema({
        "type": ["string", "integer"],
        "pattern": "^[0-9]{12}$",
        "minimum": 0,
        "maximum": 999999999999,
        "examples": ["123456789012"],
    }),
]  # fmt: skip
Region = Annotated[
    str, Format("SG403", "an AWS Region", options=REGIONS, examples=("us-east-1", "eu-west-1"))
]
OrganizationId = Annotated[
    str,
    Format(
        "SG216",
        "an AWS organization id: o- and 10 to 32 lower-case letters and digits",
        pattern=r"o-[a-z0-9]{10,32}",
        letters="a-z0-9-",
        examples=("o-abcde12345",),
    ),
]
BucketName = Annotated[
    str,
    Format(
        "SG217",
        "an S3 bucket name: 3 to 63 lower-case letters, digits, dots and hyphens,"
        " a letter or digit at both ends",
        pattern=r"[a-z0-9][a-z0-9.-]*[a-z0-9]",
        minimum=3,
        maximum=63,
        letters="a-z0-9.-",
        examples=("my-company-terraform-state",),
    ),
]
StateKey = Annotated[
    str,
    Format(
        "SG218",
        "a state key: 1 to 1,024 characters, no slash at either end",
        pattern=r"[^/\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^/\x00-\x1f\x7f])?",
        maximum=1024,
        examples=("production/secrets/terraform.tfstate",),
    ),
]
TableName = Annotated[
    str,
    Format(
        "SG219",
        "a DynamoDB table name: 3 to 255 letters, digits, dots, hyphens and underscores",
        pattern=r"[A-Za-z0-9_.-]+",
        minimum=3,
        maximum=255,
        letters="A-Za-z0-9_.-",
        examples=("terraform-state-lock",),
    ),
]
KmsKeyId = Annotated[
    str,
    Format(
        "SG220",
        "a KMS key: its ARN, its id, or an alias such as alias/terraform-state",
        pattern=rf"{ARN}:kms:[a-z0-9-]+:[0-9]{{12}}:(key/{_KEY_ID}|{_ALIAS})|{_ALIAS}|{_KEY_ID}",
        examples=("alias/terraform-state",),
    ),
]
KmsKeyArn = Annotated[
    str,
    Format(
        "SG220",
        "the ARN of a KMS key",
        pattern=rf"{ARN}:kms:[a-z0-9-]+:[0-9]{{12}}:key/[A-Za-z0-9-]{{1,64}}",
        examples=("arn:aws:kms:us-west-2:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d",),
    ),
]
ReplicaKey = Annotated[
    str,
    Format(
        "SG220",
        f"the ARN of a KMS key in the Region of the replica, or {AWS_MANAGED}",
        pattern=rf"{ARN}:kms:[a-z0-9-]+:[0-9]{{12}}:key/[A-Za-z0-9-]{{1,64}}|{AWS_MANAGED}",
        examples=(
            "arn:aws:kms:us-west-2:123456789012:key/1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
            AWS_MANAGED,
        ),
    ),
]
SecretName = Annotated[
    str,
    Format(
        "SG201",
        "a secret name: 1 to 512 letters, digits and /_+=.@-",
        pattern=r"[0-9A-Za-z/_+=.@-]+",
        maximum=512,
        letters="0-9A-Za-z/_+=.@-",
        examples=("prod/database/master-password",),
    ),
]
Description = Annotated[
    str, Format("SG203", "a description of at most 2,048 characters", maximum=2048)
]
KeyDescription = Annotated[
    str, Format("SG203", "a description of at most 8,192 characters", maximum=8192)
]
TagKey = Annotated[
    str,
    Format(
        "SG210",
        "a tag key: 1 to 128 characters, not # or % alone, not beginning with `aws:`",
        pattern=r"(?![#%]$)(?![Aa][Ww][Ss]:)[\s\S]+",
        maximum=128,
        examples=("Owner", "CostCenter"),
    ),
]
TagValue = Annotated[
    str,
    Format(
        "SG211",
        "a tag value: at most 256 characters, not beginning with `aws:`",
        pattern=r"(?![Aa][Ww][Ss]:)[\s\S]*",
        maximum=256,
    ),
]
Tags = Annotated[dict[TagKey, TagValue], NullMeans(dict)]
EmailAddress = Annotated[
    str,
    Format(
        "SG229",
        "an e-mail address",
        pattern=r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f.]+(\.[^@\s\x00-\x1f\x7f.]+)+",
        maximum=254,
        examples=("security@example.com",),
    ),
]
TopicArn = Annotated[
    str,
    Format(
        "SG222",
        "the ARN of an SNS topic",
        pattern=rf"{ARN}:sns:[a-z0-9-]+:[0-9]{{12}}:[A-Za-z0-9_.-]{{1,256}}",
        examples=("arn:aws:sns:us-east-1:123456789012:security-alarms",),
    ),
]
FunctionArn = Annotated[
    str,
    Format(
        "SG222",
        "the ARN of a Lambda function, without `:$LATEST`",  # AWS refuses permissions for it
        pattern=rf"{ARN}:lambda:[a-z0-9-]+:[0-9]{{12}}:function:[A-Za-z0-9_-]{{1,64}}"
        r"(:[A-Za-z0-9_-]{1,128})?",
        examples=("arn:aws:lambda:us-east-1:123456789012:function:rotate-postgres",),
    ),
]
ServiceSecretArn = Annotated[
    str,
    Format(
        "SG239",
        "the ARN of a secret that an AWS service owns, with an exclamation mark in its name",
        pattern=rf"{ARN}:secretsmanager:[a-z0-9-]+:[0-9]{{12}}:secret:[a-z0-9-]+!"
        r"[0-9A-Za-z/_+=.@!-]{1,400}-[0-9A-Za-z]{6}",
        examples=(
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-6d0a3f1e-AbCdEf",
        ),
    ),
]
LogGroupName = Annotated[
    str,
    Format(
        "SG228",
        "the name of a CloudWatch log group: 1 to 512 letters, digits and _/.#-",
        pattern=r"[A-Za-z0-9_/.#-]+",
        maximum=512,
        letters="A-Za-z0-9_/.#-",
        examples=("org-trail",),
    ),
]
SubnetId = Annotated[
    str,
    Format(
        "SG230",
        "a subnet id: subnet- and 8 to 17 digits from 0 to f",
        pattern=r"subnet-[0-9a-f]{8,17}",
        examples=("subnet-0a1b2c3d",),
    ),
]
SecurityGroupId = Annotated[
    str,
    Format(
        "SG230",
        "a security group id: sg- and 8 to 17 digits from 0 to f",
        pattern=r"sg-[0-9a-f]{8,17}",
        examples=("sg-0a1b2c3d",),
    ),
]
ScheduleText = Annotated[
    str,
    Format(
        "SG206",
        "a cron(…) or rate(…) expression of at most 256 characters",
        pattern=r"[0-9A-Za-z()#?*/, -]+",
        maximum=256,
        examples=("cron(0 3 ? * SUN *)", "rate(10 days)"),
    ),
]
Duration = Annotated[
    str,
    Format(
        "SG208",
        "a number of hours from 1h to 24h",
        pattern=r"([1-9]|1[0-9]|2[0-4])h",
        examples=("3h",),
    ),
]
ExcludedCharacters = Annotated[
    str, Format("SG231", "text of at most 4,096 characters", maximum=4096)
]
