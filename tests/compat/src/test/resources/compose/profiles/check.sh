running() { compose --profile all ps --services | sort | tr '\n' ' '; }
up
is 'always ' running
COMPOSE_PROFILES=debug up
is 'always debug ' running
compose --profile tools up -d tools
is 'always debug tools ' running
compose --profile all stop -t 0
