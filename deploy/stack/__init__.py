"""Broker, database and workers on this machine without Docker, in a folder of their own: `make stack`, `make
stack-stop`. Knows nothing of the services but the command that runs them; standard library only."""
