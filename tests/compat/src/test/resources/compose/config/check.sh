is 'web' compose config --services
is 'batch web' bash -c 'echo $(docker compose --profile batch config --services | sort)'
is data compose config --volumes
is 'berth-test/busybox:latest' compose config --images
is 'batch' compose config --profiles
is "$(compose config --hash web)" compose config --hash web
has 'published: "18200"' compose config
up
is "$(compose config --hash web | cut -d' ' -f2)" inspect web 'index .Config.Labels "com.docker.compose.config-hash"'
