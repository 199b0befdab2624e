"""secretgen: from one YAML spec to a proven Terraform environment for AWS Secrets Manager."""
