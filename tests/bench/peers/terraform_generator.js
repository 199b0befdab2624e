// Secrets, keys, aliases and policies with terraform-generator.
//
//     node terraform_generator.js COUNT FOLDER
"use strict";

const fs = require("node:fs");
const { TerraformGenerator } = require("terraform-generator");

const [count, folder] = [Number(process.argv[2]), process.argv[3]];
const generator = new TerraformGenerator();
generator.provider("aws", { region: "us-east-1" });
for (let n = 0; n < count; n += 1) {
  const name = `app/secret-${n}`;
  const key = generator.resource("aws_kms_key", `key-${n}`, {
    description: `Secret ${name}`,
    deletion_window_in_days: 30,
  });
  generator.resource("aws_kms_alias", `alias-${n}`, {
    name: `alias/bench/${name}`,
    target_key_id: key.attr("key_id"),
  });
  const secret = generator.resource("aws_secretsmanager_secret", `secret-${n}`, {
    name,
    kms_key_id: key.attr("arn"),
  });
  const statement = {
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::111111111111:role/secrets-reader" },
    Action: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
    Resource: "*",
  };
  generator.resource("aws_secretsmanager_secret_policy", `policy-${n}`, {
    secret_arn: secret.attr("arn"),
    policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
  });
}
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(`${folder}/main.tf`, generator.generate().tf);
