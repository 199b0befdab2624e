"""The life of an environment with each change of its spec, on the local AWS and in an account."""
