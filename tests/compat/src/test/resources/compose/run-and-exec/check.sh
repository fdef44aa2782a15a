is default bash -c 'docker compose run --rm -T task 2>/dev/null'
is running inspect database .State.Status
is 'task more /tmp 7' bash -c 'docker compose run --rm -T -e MORE=more -w /tmp -u 7 task sh -c "echo \$KIND \$MORE \$(pwd) \$(id -u)" 2>/dev/null'
code=0
compose run --rm -T --no-deps task sh -c 'exit 9' 2>/dev/null || code=$?
is 9 echo $code
is piped bash -c 'echo piped | docker compose run --rm -T --entrypoint cat task 2>/dev/null'
compose run -d --name compose-run-detached --service-ports task sleep 1000 >/dev/null 2>&1
has 18123 docker port compose-run-detached
docker rm -f compose-run-detached >/dev/null
compose exec -T database sh -c 'echo made >/made'
is 'x /tmp 7' compose exec -T -e X=x -w /tmp -u 7 database sh -c 'echo $X $(pwd) $(id -u)'
code=0
compose exec -T database sh -c 'exit 4' || code=$?
is 4 echo $code
compose exec -d database touch /detached
eventually /detached inside database 'ls /detached'
compose cp database:/made ./made
is made cat made
mkdir -p tree/sub && echo deep >tree/sub/file
compose cp tree database:/tree
is deep inside database 'cat /tree/sub/file'
compose cp database:/tree/. copied
is deep cat copied/sub/file
