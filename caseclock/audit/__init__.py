"""What was reported, why it is different now, and how somebody checks it without us."""
