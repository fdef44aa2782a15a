compose create
docker run -d --name compose-links-outside --network "${COMPOSE_PROJECT_NAME}_default" berth-test/busybox sleep 1000 >/dev/null
trap 'docker rm -f compose-links-outside >/dev/null' EXIT
up
address=$(inspect database '(index .NetworkSettings.Networks "compose-links_default").IPAddress')
has "$address" inside web 'nslookup db 2>&1 | tail -n 4'
has "$address" inside web 'nslookup database 2>&1 | tail -n 4'
has Address inside web 'ping -c 1 -W 2 outside >/dev/null && nslookup outside'
is 'map[5432:{} 9000/udp:{}]' inspect database .Config.ExposedPorts
