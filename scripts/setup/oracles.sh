# shellcheck shell=bash
# The vendors' Python SDKs, the hub's client and Hugging Face's tokenizers, in a virtual environment of their own, for tests/oracles.

oracle_packages=(openai==3.54.0 anthropic==2.12.0 ollama==0.6.3 huggingface_hub==2.4.0 tokenizers==0.23.3)

# Sets oracles_python; leaves it empty where the packages cannot be had.
get_oracles() {
  local name
  name=$(printf '%s ' "${oracle_packages[@]}" | sha256sum | cut -c1-12)
  oracles_python=$home/oracles-$name/bin/python
  [[ -f $home/oracles-$name/complete ]] || with_lock "$home/lock" install_oracles "$home/oracles-$name" || oracles_python=
}

install_oracles() {
  [[ ! -f $1/complete ]] || return 0
  rm -rf "$1"
  mkdir -p "$home"
  if ! python3 -m venv "$1" >"$home/oracles.log" 2>&1 ||
    ! "$1/bin/python" -m pip install --quiet --disable-pip-version-check "${oracle_packages[@]}" >>"$home/oracles.log" 2>&1; then
    tail -n 3 "$home/oracles.log" >&2
    note "the vendors' Python SDKs cannot be had: the tests with them are skipped"
    return 1
  fi
  touch "$1/complete"
}
