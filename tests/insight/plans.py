"""Access by real plans."""

from secretgen.model.layout import DEFAULT_LAYOUT
from secretgen.plan.planned_access import planned_policies as planned
from secretgen.plan.rendered import RenderedFiles
from secretgen.project.rendered_tree import packaged_files


def planned_policies(environment, plans):
    """The policies of plans, and what in them is not rendered."""
    files = RenderedFiles(packaged_files(environment, DEFAULT_LAYOUT))
    return planned(environment, plans, files, DEFAULT_LAYOUT.environment(environment.name))
