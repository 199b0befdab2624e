"""The first files of a project, as texts: what `secretgen init` writes."""
