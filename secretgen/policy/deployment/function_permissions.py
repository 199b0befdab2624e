"""What a role needs to deploy AWS's rotation functions: serverless applications in stacks."""

from __future__ import annotations

from secretgen.model.applications import application_id
from secretgen.model.environment import Environment
from secretgen.policy.deployment.alarm_permissions import pass_role_statement
from secretgen.policy.documents import Statement
from secretgen.policy.statements import allow

_STACK = "serverlessrepo-"
"""Begins the name of every stack that the repository makes, and of the roles in it."""


def application_statements(environment: Environment) -> list[Statement]:
    """Makes the statements about applications; none where no application rotates a secret."""
    aws = environment.aws
    applications = {
        application_id(aws.partition, s.rotation.application)
        for s in environment.secrets
        if s.rotation and s.rotation.application
    }
    if not applications:
        return []
    names = f"{environment.name}-*"
    role = aws.arn("iam", f"role/{_STACK}{names}", "")
    statements = [
        allow(
            "ReadApplications",
            "serverlessrepo",
            "CreateCloudFormationChangeSet GetApplication",
            sorted(applications),
        ),
        allow(
            "ManageStacks",
            "cloudformation",
            """CreateChangeSet DeleteStack DescribeChangeSet DescribeStackEvents DescribeStacks
            ExecuteChangeSet GetTemplate TagResource UntagResource""",
            aws.arn("cloudformation", f"stack/{_STACK}{names}"),
        ),
        allow(
            "TransformTemplates",
            "cloudformation",
            "CreateChangeSet",
            f"arn:{aws.partition}:cloudformation:{aws.region}:aws:transform/Serverless-2016-10-31",
        ),
        allow(
            "ManageFunctions",
            "lambda",
            """AddPermission CreateFunction DeleteFunction GetFunction GetFunctionConfiguration
            RemovePermission TagResource UntagResource UpdateFunctionCode
            UpdateFunctionConfiguration""",
            aws.arn("lambda", f"function:{names}"),
        ),
        allow(
            "ManageRolesOfFunctions",
            "iam",
            """AttachRolePolicy CreateRole DeleteRole DeleteRolePolicy DetachRolePolicy GetRole
            GetRolePolicy PutRolePolicy TagRole UntagRole""",
            role,
        ),
        pass_role_statement("PassRolesToFunctions", role, "lambda.amazonaws.com"),
        # The code of the applications lies in buckets of AWS.
        allow("ReadCode", "s3", "GetObject", f"arn:{aws.partition}:s3:::awsserverlessrepo-*"),
    ]
    if any(s.rotation and s.rotation.vpc for s in environment.secrets):
        found = "DescribeSecurityGroups DescribeSubnets DescribeVpcs"
        statements.append(allow("FindNetworks", "ec2", found, "*"))
    return statements
