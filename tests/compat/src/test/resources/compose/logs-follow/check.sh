up
compose logs -f --no-color >followed &
follower=$!
eventually 1 grep -c one-1 followed
inside one 'touch /go'
eventually 1 grep -c one-2 followed
compose stop -t 1
wait $follower
has 'one-1  | bye' cat followed
# In the foreground: what is not to be attached is not shown, and the exit code is the service's.
compose up --no-color --abort-on-container-exit --exit-code-from one >foreground 2>&1 &
runner=$!
eventually 1 bash -c 'grep -c "one-1  | one-2" foreground'
docker kill -s KILL "$(name one)" >/dev/null
code=0
wait $runner || code=$?
is 137 echo $code
[[ $(grep -c two-1 foreground) == 0 ]] || ! grep -q 'two-1  | ' foreground
