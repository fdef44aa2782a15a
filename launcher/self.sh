# The demonstration that the platform runs on itself. Part of the script "berth".
# shellcheck shell=bash

# What a changed class may cost: the bytes that are sent again.
RESENT_LIMIT=1000000

demo_self() {
  is_root || die "the demo runs containers and needs root: sudo berth demo --self"
  need_packages "the demo drives the stock docker client" docker-cli docker-buildx docker-compose busybox-static curl
  local scratch began
  build
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/berth-self.XXXXXX")
  # shellcheck disable=SC2064 # the directory is known now and gone by then
  trap "remove_self '$scratch'" EXIT
  began=$(now_millis)
  stage_images
  say "a Java runtime and the contexts of four images: made in $(seconds_since "$began") s"
  busybox_root "$scratch/busybox.tar"
  runtime_root "$scratch/base.tar"
  BERTH_BUILD=never BERTH_DATA_DIR=$scratch/data BERTH_RUN_DIR=$scratch/run BERTH_PORT=2375 \
    unshare --net -- "$ROOT/berth" demo-self-inside "$scratch"
}

# A changed class must not stay in the contexts that the next "docker compose build" reads.
remove_self() { # directory
  remove_platform "$1"
  rm -rf "$ROOT/engine-service/target/image"
}

self_compose() { docker compose --progress plain -f "$ROOT/docker-compose.yml" -p berth-self "$@" 2>&1; }
inner() { DOCKER_HOST=unix://$SELF_RUN/docker.sock docker "$@"; }
inner_api() { curl -sS --max-time 30 --unix-socket "$SELF_RUN/docker.sock" "http://localhost$1"; }

# Bytes of blobs and manifests that the first platform's registry has received.
received() {
  local sum
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    # A service that is slow to answer is left out of the page.
    sum=$(curl -sS --max-time 30 --unix-socket "$BERTH_OUTER/docker.sock" http://localhost/metrics \
      | awk '/^berth_registry_bytes_total.*direction="received"/ { sum += $NF; found = 1 } END { if (found) printf "%d\n", sum }') || true
    if [[ -n $sum ]]; then
      echo "$sum"
      return
    fi
    sleep 1
  done
  return 1
}

# Compiles the engine's own version with another number in it, as whoever edits the file would.
edit_a_class() { # directory for the source
  local context=$ROOT/engine-service/target/image class source=io/berth/engine/web/EngineVersion.java
  mkdir -p "$1/source/${source%/*}"
  sed 's/"29\.0\.0"/"29.0.1"/' "$ROOT/engine-service/src/main/java/$source" >"$1/source/$source"
  "$JAVA_HOME/bin/javac" -nowarn -proc:none -parameters -g -d "$1/classes" -cp "$context/dependencies/*:$context/libraries/*" "$1/source/$source" || return 1
  class=$(find "$context/application" -name EngineVersion.class)
  cp "$1/classes/${source%.java}.class" "$class" && touch -d "$IMAGE_TIME" "$class"
}

cmd_demo_self_inside() { # directory
  local scratch=$1 began output before sent
  began=$(now_millis)
  need_jdk
  BERTH_OUTER=$RUN_DIR SELF_RUN=$scratch/self
  export DOCKER_CONFIG=$scratch/docker-config DOCKER_HOST=unix://$RUN_DIR/docker.sock
  unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH
  export SOURCE_DATE_EPOCH
  SOURCE_DATE_EPOCH=$(date -d "$IMAGE_TIME" +%s)
  busybox ip link set lo up
  mkdir -p "$SELF_RUN"
  trap 'BERTH_RUN_DIR=$BERTH_OUTER demo_cleanup' EXIT

  step "berth up: the first Berth, on this host"
  "$ROOT/berth" up | tail -n 1
  docker import "$scratch/base.tar" berth-base >/dev/null || demo_fails "import"
  step_done
  # From here on these are what docker-compose.yml takes for the second platform.
  export BERTH_IMAGES=localhost:$PORT/berth BERTH_BASE=berth-base BERTH_RUN_DIR=$SELF_RUN BERTH_PORT=2376
  # It lives for a minute, which the second compiler is not worth.
  export BERTH_JAVA_OPTS=-XX:TieredStopAtLevel=1

  step "docker compose build: Berth builds the images of Berth"
  # One first: the others share its layers.
  output=$(self_compose build registry && self_compose build) || demo_fails "build: $output"
  docker images --format '   {{.Repository}}:{{.Tag}} {{.Size}}'
  step_done

  step "docker compose push: into the registry of the same Berth"
  output=$(self_compose push registry && self_compose push image engine gateway) || demo_fails "push: $output"
  step_done "$(received) bytes"

  step "docker compose up --wait: the second Berth, in four containers"
  output=$(self_compose up -d --wait --no-build registry image engine gateway) || demo_fails "up: $output $(self_compose logs --tail 8)"
  self_compose ps --format '   {{.Service}}: {{.Status}}'
  step_done

  step "the second Berth runs containers, and keeps an image in a registry of its own"
  inner import "$scratch/busybox.tar" busybox >/dev/null || demo_fails "import: $(self_compose logs --tail 8 image)"
  [[ $(inner run --rm busybox echo hello) == hello ]] || demo_fails "run: $(self_compose logs --tail 8 engine)"
  inner network create inner >/dev/null || demo_fails "network create"
  inner run -d --name web --network inner --memory 32m busybox sh -c "$(demo_server busybox)" >/dev/null || demo_fails "run -d"
  output=$(inner run --rm --network inner busybox sh -c "$(demo_client busybox)") || demo_fails "by name: $output"
  say "   from a container of the second Berth, by name: $output"
  inner ps --format '   {{.Names}}: {{.Status}}'
  inner tag busybox "localhost:$BERTH_PORT/inner/busybox" || demo_fails "tag"
  output=$(inner push "localhost:$BERTH_PORT/inner/busybox" 2>&1) || demo_fails "push: $output $(self_compose logs --tail 8 image registry)"
  inner rmi "localhost:$BERTH_PORT/inner/busybox" >/dev/null || demo_fails "rmi"
  output=$(inner run --rm "localhost:$BERTH_PORT/inner/busybox" echo pulled 2>&1) || demo_fails "pull: $output"
  step_done

  step "one class of the engine is edited: compile, build, push, roll out"
  edit_a_class "$scratch" || demo_fails "javac"
  before=$(received)
  output=$(self_compose build engine) || demo_fails "build: $output"
  grep -E 'transferring context' <<<"$output" | sed 's/^#[0-9]* /   /' | tail -n 1
  output=$(self_compose push engine) || demo_fails "push: $output"
  sent=$(($(received) - before))
  [[ $sent -gt 0 && $sent -lt $RESENT_LIMIT ]] || demo_fails "$sent bytes were sent again"
  output=$(self_compose up -d --wait --no-build engine) || demo_fails "up: $output"
  output=$(inner_api /version) || demo_fails "version: $output"
  [[ $output == *'"29.0.1+'* ]] || demo_fails "the old class answers: $output"
  [[ $(inner run --rm busybox echo hello) == hello ]] || demo_fails "run: $(self_compose logs --tail 8 engine)"
  step_done "$sent bytes were pushed again"

  step "docker compose down -v, berth down; is anything left?"
  output=$(self_compose down -v -t 20) || demo_fails "down: $output"
  [[ -z $(docker ps -aq)$(docker volume ls -q)$(docker network ls -q --filter type=custom) ]] || demo_fails "something is left"
  BERTH_RUN_DIR=$BERTH_OUTER BERTH_PORT=$PORT "$ROOT/berth" down
  trap - EXIT
  output=$(grep -lsF "$scratch/" /proc/[0-9]*/cmdline || true)
  [[ -z $output ]] || demo_fails "processes are left: $output"
  output=$(grep -F "$scratch/" /proc/self/mountinfo || true)
  [[ -z $output ]] || demo_fails "mounts are left: $output"
  step_done "no container, volume, network, process or mount"

  say ""
  say "BERTH RUNS ON BERTH: $(seconds_since "$began") s"
}
