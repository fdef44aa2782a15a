compose create
is created inspect web .State.Status
compose events --json >events &
events=$!
trap 'kill $events 2>/dev/null || true' EXIT
sleep 0.5
compose start
compose pause web
is paused inspect web .State.Status
has Paused compose ps --status paused web
compose unpause web
began=$(inspect web .State.StartedAt)
compose restart web
[[ $(inspect web .State.StartedAt) != "$began" ]]
has 'sleep 1000' compose top web
has "$(name web)" compose stats --no-stream web
has berth-test/busybox compose images
has "$COMPOSE_PROJECT_NAME" compose ls
compose wait other >waited &
waiter=$!
# Time to find the container while it runs.
sleep 2
compose kill -s KILL other
code=0
wait $waiter || code=$?
is 137 echo $code
eventually 'exited 137' inspect other '.State.Status}} {{.State.ExitCode'
compose rm -f other
is "$(name web)" compose ps -a --format '{{.Name}}'
compose stop
has '"action":"pause"' cat events
has '"action":"destroy"' cat events
has '"service":"other"' cat events
