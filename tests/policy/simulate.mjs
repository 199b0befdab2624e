// Compares the expected decisions of tests/policy/kinds.py with those of iam-simulate. By hand:
//
//   npm install --no-save @cloud-copilot/iam-simulate@0.1.173
//   .venv/bin/python -m tests.policy.kinds > cases.json
//   node tests/policy/simulate.mjs cases.json
//
// iam-simulate (AGPL) does not know kms:EncryptionContext, so it is asked without these conditions.

import fs from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const cases = JSON.parse(fs.readFileSync(process.argv[2], "utf-8"));
const names = {
  "kms:viaservice": "kms:ViaService",
  "kms:encryptioncontext:secretarn": "kms:EncryptionContext:SecretARN",
};
const evaluable = ({ Condition: { StringLike, ...others } = {}, ...statement }) => {
  const { "kms:EncryptionContext:SecretARN": _, ...left } = StringLike ?? {};
  const Condition = { ...others, ...(Object.keys(left).length ? { StringLike: left } : {}) };
  return Object.keys(Condition).length ? { ...statement, Condition } : statement;
};
const document = (statements) => ({ Version: "2012-10-17", Statement: statements.map(evaluable) });
let wrong = 0;

for (const { identity, resource, asked, caller, organization, context, owner, ...rest } of cases) {
  const [action, arn] = asked;
  // A key of the own account leaves its roles to policies that only these conditions limit.
  if (action.startsWith("kms:") && caller[0] === owner) continue;
  const contextVariables = {
    "aws:PrincipalAccount": caller[0],
    "aws:PrincipalArn": caller[1],
    "aws:PrincipalIsAWSService": "false",
    "aws:RequestedRegion": arn.split(":")[3],
    "aws:SecureTransport": "true",
    ...(organization ? { "aws:PrincipalOrgID": organization } : {}),
    ...Object.fromEntries(Object.entries(context).map(([key, value]) => [names[key], value])),
  };
  const result = await runSimulation(
    {
      request: { action, principal: caller[1], resource: { resource: arn, accountId: owner }, contextVariables },
      identityPolicies: [{ name: "identity", policy: document(identity) }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: document(resource),
    },
    {},
  );
  const expected = rest.allowed || rest.but_for_encryption_context;
  if ((result.overallResult === "Allowed") !== expected) {
    wrong += 1;
    console.log(caller[1], action, arn, JSON.stringify(context), result.overallResult ?? result.errors);
  }
}
console.log(`${cases.length} cases, ${wrong} decided otherwise`);
process.exit(wrong ? 1 : 0);
