up
compose watch --no-up >watched 2>&1 &
watcher=$!
trap 'kill $watcher 2>/dev/null || true; wait' EXIT
eventually 'Watch enabled' bash -c 'grep -o "Watch enabled" watched || cat watched'
echo two >src/page
eventually two inside web 'cat /src/page'
first=$(inspect web .Id)
began=$(inspect web .State.StartedAt)
echo b >conf/app
eventually b inside web 'cat /conf/app'
restarted() { [[ $(inspect web .State.StartedAt) != "$began" ]] && echo yes; }
eventually yes restarted
echo b >rebuild.txt
rebuilt() { [[ $(inspect web .Id) != "$first" ]] && inside web 'cat /rebuild.txt'; }
eventually b rebuilt
