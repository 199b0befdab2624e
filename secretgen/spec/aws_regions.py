"""The Regions of AWS, as far as Secrets Manager is in them.

Source: the partitions and endpoints that the AWS SDKs ship (`endpoints.json`), and AWS Account
Management, "Enable or disable AWS Regions in your account", for the Regions that an account has
to enable first.
"""

from secretgen.model.environment import Partition

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
