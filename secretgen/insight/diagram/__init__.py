"""An environment as a picture: Mermaid and SVG."""
