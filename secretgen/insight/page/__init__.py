"""One page that shows an environment: diagram, access and cost."""
