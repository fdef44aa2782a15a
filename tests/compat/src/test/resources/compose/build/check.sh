export FROM_HOST=host
up
is 'Dockerfile Other.Dockerfile page.txt' inside short 'echo $(ls /app)'
is 'hello host first more s3cret 1234 lo' inside long 'echo $(cat /greeting /first /more /key /nofile /nets)'
has 192.0.2.9 inside long 'cat /hosts'
is yes docker inspect --format '{{index .Config.Labels "com.example.built"}}' compose-build-tagged:1
is inline inside inline 'cat /inline'
first=$(inspect short .Id)
up --build
is "$first" inspect short .Id
echo changed >app/page.txt
up --build
[[ $(inspect short .Id) != "$first" ]]
is changed inside short 'cat /app/page.txt'
is 3 bash -c 'docker compose images -q | sort -u | wc -l'
compose build --quiet --build-arg GREETING=bye long
up
is 'bye host' inside long 'cat /greeting'
trap 'docker rmi -f compose-build-tagged:1 compose-build-long >/dev/null' EXIT
compose down -v -t 0 --rmi local
is '' docker images -q compose-build-short
