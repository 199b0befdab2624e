"""The policies of the roles that run Terraform on an environment, from the model."""
