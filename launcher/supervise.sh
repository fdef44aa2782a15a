# What starts services again when they have ended (docs/adr/0035-supervision.md). Part of the script "berth".
#
# In the run directory, of each service: SERVICE.pid while it is to run, SERVICE.start with command and environment, SERVICE.alive,
# which its process has locked for as long as it lives, SERVICE.restarts. Whoever starts or stops one has the lock of the instance.

note_start() { # service, command...
  local service=$1
  shift
  (
    umask 077 # the environment may have secrets
    { printf '%s\0' "$@" '' && env -0; } >"$RUN_DIR/$service.start.new"
    mv -f "$RUN_DIR/$service.start.new" "$RUN_DIR/$service.start"
  )
}

# Starts a service as it was noted. What one that was killed has left would pass for one that is ready.
launch_noted() { # service
  local service=$1 words=() command=() word out pid alive
  mapfile -d '' -t words <"$RUN_DIR/$service.start"
  for word in "${words[@]}"; do
    [[ -n $word ]] || break
    command+=("$word")
  done
  rm -f "$(socket_of "$service")"
  # The log itself is written and rolled over by the service; this file gets what the JVM says before and after.
  out=$(out_file "$service")
  [[ ! -s $out ]] || mv -f "$out" "$out.1"
  { : >"$out"; } 2>/dev/null || out=/dev/null # a disk that is full
  exec {alive}>"$RUN_DIR/$service.alive"
  flock -s "$alive"
  (
    cd "$DATA_DIR"
    [[ -z ${events:-} ]] || exec {events}>&-
    # Locks of this script are not the services', but for the one that tells that they live.
    exec env -i "${words[@]:${#command[@]}+1}" setsid nohup "${command[@]}" </dev/null >"$out" 2>&1 {run_lock}>&-
  ) &
  pid=$!
  disown "$pid"
  exec {alive}>&-
  note_process "$pid" "$(pid_file "$service")"
  # As Docker does for its daemon: when memory runs out, a container goes before what watches over it.
  { echo -500 >"/proc/$pid/oom_score_adj"; } 2>/dev/null || true
}

# Others read the file at any time, and after the death of whoever writes it: it is there as a whole, or as it was.
note_process() { # pid file
  echo "$1 $(start_ticks "$1")" >"$2.new"
  mv -f "$2.new" "$2"
}

restarts_of() { # service
  local count
  { read -r count <"$RUN_DIR/$1.restarts"; } 2>/dev/null || count=0
  echo "$count"
}

# Starts a service that has ended though nobody stopped it.
start_again() { # service
  { echo $(($(restarts_of "$1") + 1)) >"$RUN_DIR/$1.restarts"; } 2>/dev/null || true
  launch_noted "$1"
}

supervisor_pid() {
  local pid ticks
  { read -r pid ticks <"$RUN_DIR/supervisor.pid"; } 2>/dev/null || return 1
  [[ -n $pid && $(start_ticks "$pid") == "$ticks" ]] || return 1
  ! grep -qs '^State:[[:space:]]*Z' "/proc/$pid/status" || return 1
  echo "$pid"
}
supervised() { supervisor_pid >/dev/null; }

# In a session of its own, with nothing of this command's but the network namespace.
start_supervisor() {
  setsid nohup "$ROOT/berth" supervise --run-dir "$RUN_DIR" --data-dir "$DATA_DIR" --port "$PORT" \
    </dev/null >/dev/null 2>&1 {run_lock}>&- &
  disown "$!"
  note_supervisor "$!"
}

note_supervisor() { # pid
  note_process "$1" "$RUN_DIR/supervisor.pid"
  { echo -900 >"/proc/$1/oom_score_adj"; } 2>/dev/null || true
}

# With the lock of the instance, so that it starts nothing just now.
stop_supervisor() {
  local pid
  if pid=$(supervisor_pid) && [[ $pid != "$$" ]]; then
    # What waits for the services' ends is of its group.
    kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
    while supervised; do
      sleep 0.02
    done
  fi
  rm -f "$RUN_DIR/supervisor.pid"
}

# The command itself becomes what watches over the services.
supervise_here() {
  note_supervisor "$$"
  exec {run_lock}>&-
  cmd_supervise
}

note() { # what happened
  local file
  file=$(log_file supervisor)
  if [[ $(stat -c %s "$file" 2>/dev/null) -gt 1000000 ]]; then
    mv -f "$file" "$file.1" || true
  fi
  { printf '%s %s\n' "$(date +%FT%T.%3N%:z)" "$*" >>"$file"; } 2>/dev/null || true
}

# Waits, without looking again and again, until a service ends or is due to be started.
cmd_supervise() {
  set +e # a full disk is no reason to end
  umask 077
  cd /
  local -A WATCHERS=() FAILURES=() STARTED=() DUE=()
  local events service wait due
  # A pipe of this process's own, both ends: those who wait for an end write to it.
  exec {events}<> <(:)
  note "watching over the services in $RUN_DIR"
  while true; do
    look_after_all
    wait=''
    for due in ${DUE[@]+"${DUE[@]}"}; do
      due=$((due - $(now_millis)))
      [[ $due -gt 0 ]] || due=1
      [[ -n $wait && $wait -le $due ]] || wait=$due
    done
    # shellcheck disable=SC2034,SC2086 # which one it was is seen anyway; the option may be missing
    read -r ${wait:+-t $((wait / 1000)).$(printf %03d $((wait % 1000)))} service <&"$events"
  done
}

look_after_all() {
  local service
  exec {run_lock}>"$RUN_DIR/berth.lock"
  flock "$run_lock"
  for service in "${SERVICES[@]}"; do
    look_after "$service"
  done
  exec {run_lock}>&-
}

look_after() { # service
  local service=$1 now most
  if [[ ! -f $(pid_file "$service") || ! -f $RUN_DIR/$service.start ]]; then
    unset "DUE[$service]" # not of this node, or stopped by a command
    return
  fi
  now=$(now_millis)
  if ! running_pid "$service" >/dev/null; then
    if [[ -z ${DUE[$service]:-} ]]; then
      [[ $((now - ${STARTED[$service]:-0})) -lt 60000 ]] || FAILURES[$service]=0
      # One that has not been ready before it ended will hardly be so the next time.
      most=10
      [[ ! -S $(socket_of "$service") ]] || most=3
      [[ ${FAILURES[$service]} -le $most ]] || FAILURES[$service]=$most
      DUE[$service]=$((now + FAILURES[$service] * 1000))
      note "$service has ended and is started again in ${FAILURES[$service]} s; its last words: $(grep -sv '\[warning\]' "$(out_file "$service")" | tail -n 1)"
      FAILURES[$service]=$((FAILURES[$service] + 1))
    fi
    [[ $(now_millis) -ge ${DUE[$service]} ]] || return
    start_again "$service"
    STARTED[$service]=$(now_millis)
    unset "DUE[$service]"
    note "$service is started, for the $(restarts_of "$service"). time since a command did so: process $(running_pid "$service")"
  fi
  unset "DUE[$service]"
  if ! kill -0 "${WATCHERS[$service]:-none}" 2>/dev/null; then
    # It ends with this process, also when that is killed: nobody reads what it would write.
    setpriv --pdeathsig KILL flock "$RUN_DIR/$service.alive" printf '%s\n' "$service" \
      </dev/null >&"$events" 2>/dev/null {run_lock}>&- &
    WATCHERS[$service]=$!
    disown "$!"
  fi
}

# ---------------------------------------------------------------- containers of an engine that has ended

keeper_record() { echo "$DATA_DIR/engine/keeper"; }

# An engine that was killed leaves its containers and their keeper (ADR 7) to the next one.
containers_kept() {
  local pid ticks
  { read -r _ pid ticks <"$(keeper_record)"; } 2>/dev/null || return 1
  [[ $(start_ticks "$pid") == "$ticks" ]]
}

# So that containers are stopped as they are meant to be.
revive_engine() {
  local deadline service
  { ! running_pid engine >/dev/null; } && containers_kept && [[ -f $RUN_DIR/engine.start ]] || return 0
  { [[ -n $NODE ]] || running_pid gateway >/dev/null; } || return 0
  for service in image engine; do
    running_pid "$service" >/dev/null || start_again "$service"
  done
  deadline=$(($(now_millis) + STOP_TIMEOUT_SECONDS * 1000))
  until [[ -S $(socket_of engine) ]]; do
    if ! running_pid engine >/dev/null || [[ $(now_millis) -gt $deadline ]]; then
      warn "the engine does not start: its containers are ended without it"
      return 0
    fi
    sleep 0.1
  done
}

# What no engine was there to stop.
end_kept_containers() {
  local record
  record=$(keeper_record)
  containers_kept || return 0
  warn "containers without an engine are told to end, and killed after 10 s"
  end_group "$(group_of "$DATA_DIR/engine")" 10
  end_recorded "$record"
  rm -f "$record"
}
