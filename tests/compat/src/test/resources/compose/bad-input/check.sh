bad() { # message, compose file
  printf '%s\n' "$2" >bad.yaml
  fails "$1" docker compose -f bad.yaml up -d
}
bad 'yaml: ' 'services: {a: ['
bad 'Additional property imag is not allowed' 'services: {a: {imag: x}}'
bad 'services.a.ports' 'services: {a: {image: x, ports: {80: 80}}}'
bad 'service "a" refers to undefined network missing' 'services: {a: {image: x, networks: [missing]}}'
bad 'service "a" refers to undefined volume data' 'services: {a: {image: x, volumes: ["data:/data"]}}'
bad 'depends on undefined service' 'services: {a: {image: x, depends_on: [b]}}'
bad 'has neither an image nor a build context specified' 'services: {a: {command: x}}'
bad 'required variable NEEDED is missing a value: say it' 'services: {a: {image: "${NEEDED:?say it}"}}'
bad 'dependency cycle' 'services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}'
bad 'unable to prepare context: path' 'services: {a: {build: ./not-there}}'
bad 'failed to read dockerfile' 'services: {a: {build: {context: ., dockerfile: Missing}}}'
bad 'unknown instruction' 'services: {a: {build: {dockerfile_inline: "FROM berth-test/busybox\nRUM x"}}}'
bad 'exit code: 7' 'services: {a: {build: {dockerfile_inline: "FROM berth-test/busybox\nRUN exit 7"}}}'
bad 'executable file not found' 'services: {a: {image: berth-test/busybox, command: [nothing-like-it]}}'
bad 'invalid CIDR' 'services: {a: {image: berth-test/busybox, networks: [n]}}
networks: {n: {ipam: {config: [{subnet: 10.300.0.0/24}]}}}'
compose down -v -t 0 --remove-orphans
is '' docker ps -aq --filter label=com.docker.compose.project=$COMPOSE_PROJECT_NAME
is '' docker network ls -q --filter label=com.docker.compose.project=$COMPOSE_PROJECT_NAME
up
is running inspect fine .State.Status
