"""What end-to-end tests stand on: real Terraform, its AWS provider, an AWS on this machine."""
