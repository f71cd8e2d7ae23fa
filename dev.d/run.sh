# `./dev run`: a sync server and a client of it, on this machine, ready to write in.
# shellcheck shell=bash

# Everything that is written goes here; nothing is ever removed.
run_data=${TIDELINE_RUN_DATA:-${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/tideline-dev}
server_port=${TIDELINE_SERVER_PORT:-7717}

command_run() {
  local person=${USER:-me} surface=desktop profile=release
  has_display || surface=browser
  while [ $# -gt 0 ]; do
    case $1 in
      --as)
        [[ ${2:-} =~ ^[A-Za-z0-9_-]+$ ]] || refuse "--as needs a name of letters and digits"
        person=$2
        shift
        ;;
      --browser) surface=browser ;;
      --debug) profile=debug ;;
      *) refuse "there is no option $1 of ./dev run" ;;
    esac
    shift
  done
  compilers
  [ "$surface" = desktop ] || say "The interface will be served to a browser on this machine."
  step_or_stop interface "Building the interface" build_interface
  step_or_stop build "Building the programs ($profile)" build_programs "$(shell_of "$surface")" "$profile"
  programs=$CARGO_TARGET_DIR/$profile
  start_server
  connect "$person"
  launch "$person" "$surface"
}

# The build without a window needs no packages of the desktop.
shell_of() { if [ "$1" = desktop ]; then echo desktop; else echo plain; fi; }

listens() { (exec 4<>"/dev/tcp/127.0.0.1/$server_port") 2>/dev/null; }

start_server() {
  if listens; then
    say "▸ A sync server listens on 127.0.0.1:$server_port already; this client joins it."
    return
  fi
  say "▸ Starting a sync server on 127.0.0.1:$server_port; its data: $run_data/server"
  mkdir -p "$run_data/server"
  "$programs/tideline-server" --data "$run_data/server" --listen "127.0.0.1:$server_port" \
    >"$run_data/server.log" 2>&1 &
  local server=$!
  until listens; do
    kill -0 "$server" 2>/dev/null || refuse "the sync server ended: $(cat "$run_data/server.log")"
    sleep 0.1
  done
}

server_answer() { "$programs/tideline-server" --data "$run_data/server" --json "$@"; }

# The value of one field of a JSON object on standard input.
field() { node -pe 'JSON.parse(require("fs").readFileSync(0, "utf8"))[process.argv[1]]' "$1"; }

# Once for each person. The first one owns the group; further ones are invited into it.
connect() {
  local person=$1 token owner
  [ ! -e "$run_data/connected/$person" ] || return 0
  mkdir -p "$run_data/connected"
  owner=$(cat "$run_data/owner" 2>/dev/null || true)
  if [ -z "$owner" ]; then
    say "▸ Making the user $person on the server, with a token for this device"
    server_answer user add "$person" >/dev/null
    token=$(server_answer token add "$person" --device dev | field token)
    printf '%s' "$person" >"$run_data/owner"
  else
    say "▸ Inviting $person into the group of $owner"
    token=$(server_answer invite add "$owner" | field code)
    token=$(server_answer invite accept "$token" "$person" --device dev | field token)
  fi
  "$programs/tideline" --data "$run_data/$person" connect "ws://127.0.0.1:$server_port" - <<<"$token"
  touch "$run_data/connected/$person"
}

launch() {
  say "▸ Starting Tideline as $1; its data: $run_data/$1"
  say "  A second person on this machine: ./dev run --as NAME"
  if [ "$2" = desktop ]; then
    "$programs/tideline" --data "$run_data/$1"
  else
    "$programs/tideline" --data "$run_data/$1" serve
  fi
}
