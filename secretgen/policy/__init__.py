"""IAM policy documents as data, derived from the model."""
