"""Files put together badly, and a second, plain reading of each that says whether anything of it was lost."""
