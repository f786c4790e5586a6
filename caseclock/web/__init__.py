"""The pages: what the terminal shows, in a browser on this machine. Rendered here, no JavaScript, no child's id in any
address."""
