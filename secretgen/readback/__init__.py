"""From HCL back to the model, sharing nothing with `render` but the model."""
