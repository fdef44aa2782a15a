ids() { echo "$(inspect web .Id) $(inspect database .Id) $(inspect dependent .Id)"; }
up
first=$(ids)
up
is "$first" ids
VERSION=2 up --no-recreate
is "$first" ids
VERSION=2 up
read -r web database dependent <<<"$(ids)"
[[ $web != "${first%% *}" ]]
is 2 inside web 'echo $VERSION'
is "$database" cut -d' ' -f2 <<<"$first"
# Stopped by hand, it is started again and not made anew.
compose stop -t 0 database
VERSION=2 up
is "$database running" inspect database '.Id}} {{.State.Status'
VERSION=2 up --force-recreate --no-deps database
[[ $(inspect database .Id) != "$database" ]]
is "$web" inspect web .Id
has 'Found orphan containers' compose -f smaller.yaml up -d
compose -f smaller.yaml up -d --remove-orphans -t 0
is "$(name web)" docker ps -a --filter label=com.docker.compose.project=$COMPOSE_PROJECT_NAME --format '{{.Names}}'
