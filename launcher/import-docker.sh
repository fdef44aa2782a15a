# Moves images, volumes, networks and container definitions of a Docker engine to this platform. Part of the script "berth".
# shellcheck shell=bash

cmd_import_docker() {
  local from=unix:///var/run/docker.sock dry=0
  while [[ $# -gt 0 ]]; do
    case $1 in
      --from)
        [[ $# -ge 2 ]] || die "--from needs a host, such as unix:///var/run/docker.sock"
        from=$2
        shift
        ;;
      --from=*) from=${1#*=} ;;
      --dry-run) dry=1 ;;
      *) die "import-docker: unknown option $1" ;;
    esac
    shift
  done
  need_packages "import-docker" docker-cli curl
  [[ -S $RUN_DIR/docker.sock ]] || die "Berth does not run in $RUN_DIR: berth up"
  IMPORT_FROM=$from IMPORT_DRY=$dry IMPORT_FAILED=0
  theirs version >/dev/null 2>&1 || die "no Docker engine answers at $from"
  [[ $(theirs info --format '{{.ID}}') != $(ours info --format '{{.ID}}') ]] || die "$from is this platform"
  import_images
  import_networks
  import_volumes
  import_containers
  [[ $dry == 0 ]] || say "nothing has been changed (--dry-run)"
  return "$IMPORT_FAILED"
}

theirs() { docker -H "$IMPORT_FROM" "$@"; }
ours() { docker -H "unix://$RUN_DIR/docker.sock" "$@"; }

# Says what is done, and does it unless nothing is to be changed; what fails is told at once and does not hold up the rest.
import_step() { # text, command...
  local text=$1
  shift
  if [[ $IMPORT_DRY == 1 ]]; then
    say "would move $text"
  elif "$@" >/dev/null; then
    say "moved $text"
  else
    warn "not moved: $text"
    IMPORT_FAILED=1
  fi
}

import_images() {
  local id name size
  # Images without a name are moved when a container is made of them.
  while read -r id name size; do
    [[ -n $id ]] || continue
    if [[ $(ours image inspect --format '{{.Id}}' "$name" 2>/dev/null) == "$id" ]]; then
      say "is here already: image $name"
    else
      import_step "image $name ($size)" import_image "$name"
    fi
  done < <(theirs images --no-trunc --filter dangling=false --format '{{.ID}} {{.Repository}}:{{.Tag}} {{.Size}}' | grep -v '<none>')
}

import_image() { theirs save "$1" | ours load -q; }

import_networks() {
  local name
  while read -r name; do
    case $name in
      '' | bridge | host | none) ;;
      *)
        if ours network inspect "$name" >/dev/null 2>&1; then
          say "is here already: network $name"
        else
          import_step "network $name" import_network "$name"
        fi
        ;;
    esac
  done < <(theirs network ls --filter type=custom --format '{{.Name}}')
}

import_network() {
  local body
  body=$(theirs network inspect --format \
    '{"Name":{{json .Name}},"Driver":{{json .Driver}},"Internal":{{json .Internal}},"Attachable":{{json .Attachable}},"EnableIPv6":{{json .EnableIPv6}},"IPAM":{{json .IPAM}},"Options":{{json .Options}},"Labels":{{json .Labels}}}' "$1")
  post /networks/create "$body"
}

import_volumes() {
  local name
  while read -r name; do
    if [[ -z $name ]]; then
      continue
    elif ours volume inspect "$name" >/dev/null 2>&1; then
      say "is here already: volume $name"
    else
      import_step "volume $name" import_volume "$name"
    fi
  done < <(theirs volume ls --format '{{.Name}}')
}

# By the archives of "docker cp", of containers that never start: owners, modes and times are kept, and no image needs a program for it.
import_volume() {
  local body from to failed=0
  body=$(theirs volume inspect --format '{"Name":{{json .Name}},"Driver":{{json .Driver}},"DriverOpts":{{json .Options}},"Labels":{{json .Labels}}}' "$1")
  post /volumes/create "$body" || return 1
  from=$(carrier theirs "$1") && to=$(carrier ours "$1") \
    && theirs cp -a "$from:/volume/." - | ours cp -a - "$to:/volume" || failed=1
  [[ -z ${from:-} ]] || theirs rm "$from" >/dev/null
  [[ -z ${to:-} ]] || ours rm "$to" >/dev/null
  [[ $failed == 0 ]] || ours volume rm "$1" >/dev/null
  return "$failed"
}

carrier() { # engine, volume
  local image
  image=$("$1" images -q | head -n 1)
  if [[ -z $image ]]; then
    warn "there is no image that a container with the volume could be made of"
    return 1
  fi
  "$1" create --network none -v "$2:/volume" --entrypoint /none "$image"
}

import_containers() {
  local name
  while read -r name; do
    if [[ -z $name ]]; then
      continue
    elif ours container inspect "$name" >/dev/null 2>&1; then
      say "is here already: container $name"
    else
      import_step "container $name (as it is defined, not started; what it wrote to its own files stays there)" import_container "$name"
    fi
  done < <(theirs ps -a --format '{{.Names}}' | cut -d, -f1)
}

import_container() {
  local body host volumes image
  image=$(theirs inspect --format '{{.Image}}' "$1")
  ours image inspect "$image" >/dev/null 2>&1 || import_image "$image" >/dev/null || return 1
  body=$(theirs inspect --format '{{json .Config}}' "$1")
  host=$(theirs inspect --format '{{json .HostConfig}}' "$1" | sed 's/"Runtime":"runc"/"Runtime":""/')
  # Volumes without a name of their own would be made anew.
  volumes=$(theirs inspect --format '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}}:{{.Destination}}{{"\n"}}{{end}}{{end}}' "$1" \
    | grep -E '^[0-9a-f]{64}:' | sed 's/.*/"&"/' | paste -sd,) || true
  if [[ -n $volumes ]]; then
    host=${host/\"Binds\":null/\"Binds\":[]}
    host=${host/\"Binds\":\[/\"Binds\":[$volumes,}
    host=${host/,]/]}
  fi
  body="${body%\}},\"HostConfig\":$host,\"NetworkingConfig\":{\"EndpointsConfig\":$(theirs inspect --format '{{json .NetworkSettings.Networks}}' "$1")}}"
  post "/containers/create?name=$1" "$body"
}

post() { # path, JSON
  local answer
  answer=$(curl -s --unix-socket "$RUN_DIR/docker.sock" -H 'Content-Type: application/json' -d "$2" -w '\n%{http_code}' "http://localhost/v1.44$1")
  if [[ ${answer##*$'\n'} != 20* ]]; then
    warn "$1: ${answer%$'\n'*}"
    return 1
  fi
}
