# shellcheck shell=bash
# Steps, progress and failures: what a person sees, all of it on standard error.

show_on_terminal=0
[[ -t 2 && ${TERM:-dumb} != dumb ]] && show_on_terminal=1

step() { ((quiet)) || printf '[%s/%s] %s\n' "$1" "$2" "$3" >&2; }
note() { ((quiet)) || printf '      %s\n' "$*" >&2; }
warn() { printf '%s: %s\n' "$program" "$*" >&2; }

fail() {
  warn "$*"
  exit 1
}

# watched_log LABEL LOG COMMAND...: COMMAND with its output appended to LOG, whose last line is shown meanwhile.
watched_log() {
  local label=$1 log=$2
  shift 2
  watched "$label" last_line "$log" "" appending_to "$log" "$@"
}

# watched_size LABEL PATH TOTAL_MB COMMAND...: shows how far PATH (file or folder) has grown meanwhile.
watched_size() {
  local label=$1 path=$2 total=$3
  shift 3
  watched "$label" megabytes "$path" "$total" "$@"
}

appending_to() {
  local log=$1
  shift
  "$@" >>"$log" 2>&1
}

# COMMAND stays in the foreground, so that Ctrl-C reaches it; the clock runs beside it. Standard input is kept from
# it: it may hold the prompt.
watched() {
  local label=$1 probe=$2 path=$3 total=$4 status=0 clock
  shift 4
  if ((quiet)); then
    "$@" </dev/null
    return
  fi
  progress_clock "$label" "$probe" "$path" "$total" "$SECONDS" &
  clock=$!
  "$@" </dev/null || status=$?
  kill "$clock" 2>/dev/null || true
  wait "$clock" 2>/dev/null || true
  ((!show_on_terminal)) || printf '\r\033[K' >&2
  return "$status"
}

progress_clock() {
  local label=$1 probe=$2 path=$3 total=$4 start=$5 period=30 width=80 text never
  # `sleep` would outlive its killed shell and hold standard error open; waiting on a silent pipe does not.
  exec {never}<> <(:)
  if ((show_on_terminal)); then
    period=0.5
    width=$(tput cols 2>/dev/null || echo 80)
  fi
  while ! read -rt "$period" -u "$never" && kill -0 $$ 2>/dev/null; do
    text="      $label: $("$probe" "$path" "$total") ($((SECONDS - start)) s)"
    if ((show_on_terminal)); then
      printf '\r%s\033[K' "${text:0:width-1}" >&2
    else
      printf '%s\n' "$text" >&2
    fi
  done
}

# The newest "[12/192] ..." of a build, as a percentage too; else the last line that says something.
last_line() {
  tail -c 4000 "$1" 2>/dev/null | tr '\r' '\n' | awk '
    /[^ \t]/ { last = $0 }
    /^\[[0-9]+\/[0-9]+\]/ { counted = $0 }
    END {
      if (counted == "") { print last; exit }
      split(substr(counted, 2), number, /[\/\]]/)
      sub(/ [^ ]*\//, " ", counted)
      printf "%d%% %s\n", 100 * number[1] / number[2], counted
    }'
}

megabytes() {
  local kib
  kib=$(du -sk "$1" 2>/dev/null | cut -f1) || true
  printf '%s of %s MB' "$((${kib:-0} * 1024 / 1000000))" "$2"
}

# free_space FOLDER: how many MiB are free there. Says nothing where that is unknown.
free_space() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 && $4 ~ /^[0-9]+$/ { print int($4 / 1024) }' || true; }

# need_space FOLDER MIB WHAT: ends the script in one sentence when there is less than that free.
need_space() {
  local folder=$1 mib=$2 what=$3 free
  while [[ ! -d $folder ]]; do folder=$(dirname "$folder"); done
  free=$(free_space "$folder")
  ((${free:-$mib} >= mib)) ||
    fail "Not enough disk space: $what needs $mib MiB, $folder has $free MiB free; make room and run the same command again."
}

log_says_no_space() { grep -qiE 'no space left|enough free space|ENOSPC|disk quota exceeded' "$1" 2>/dev/null; }

log_says_no_network() {
  grep -qiE 'could not resolve|failure resolving|name resolution|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|connection refused|connection timed out|unable to connect|failed to connect|cannot initiate the connection|network is unreachable|NewConnectionError|ReadTimeout|ConnectTimeout' "$1" 2>/dev/null
}

file_has_sha256() { [[ $(sha256sum "$1" 2>/dev/null | cut -d' ' -f1) == "$2" ]]; }

# with_lock FILE COMMAND...: two runs at once take turns. COMMAND stands bare: `||` behind it would switch `set -e` off
# inside it, for callers that have it on.
with_lock() {
  local file=$1 lock status
  shift
  mkdir -p "$(dirname "$file")"
  exec {lock}>"$file"
  if ! flock -n "$lock"; then
    note "Another run is at this step; waiting for it."
    flock "$lock"
  fi
  "$@"
  status=$?
  exec {lock}>&-
  return "$status"
}
