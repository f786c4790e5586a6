"""The product: joins the three services, and is what a person runs, `caseclock` or `python -m caseclock`."""
