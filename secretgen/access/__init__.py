"""Who can read which secret in which Region, worked out from policy documents."""
