# shellcheck shell=bash
# System packages through apt. What is there already, packaged or not, is left alone.

# shellcheck disable=SC2034  # read by the scripts that source this
build_packages=(git ca-certificates cmake ninja-build g++ ccache pkg-config libcurl4-openssl-dev
  nlohmann-json3-dev libsimdjson-dev libspdlog-dev libcli11-dev libssl-dev libre2-dev python3)
# shellcheck disable=SC2034
light_packages=(libgtest-dev libgmock-dev)
# shellcheck disable=SC2034
test_packages=(libgtest-dev libgmock-dev libbenchmark-dev libboost-dev nghttp2-proxy python3-pip python3-venv)

# need_packages PACKAGE...: installs those that are missing, or says how.
need_packages() {
  local missing=()
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  local command="apt-get install -y --no-install-recommends ${missing[*]}"
  ((EUID == 0)) || command="sudo $command"
  command -v apt-get >/dev/null ||
    fail "This system has no apt-get; install what these Debian packages hold, then run the same command again: ${missing[*]}"
  if ((no_install)); then
    printf '%s\n' "$command" >&2
    fail "Missing system packages; install them with the command above, then run the same command again."
  fi
  ((EUID == 0)) || command -v sudo >/dev/null ||
    fail "System packages are missing and there is no sudo; as root run: ${command#sudo }"
  note "installing: ${missing[*]}"
  # Before there is a progress line that the question for a password would be written over.
  ((EUID == 0)) || sudo -v || fail "System packages are missing and sudo did not let you in; as root run: ${command#sudo }"
  install_packages "${missing[@]}"
}

missing_packages() {
  local package installed
  # shellcheck disable=SC2016  # the variables are dpkg-query's own
  installed=" $(dpkg-query -W -f '${Package}=${db:Status-Status} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    [[ $installed == *" $package=installed "* ]] || is_provided "$package" || printf '%s\n' "$package"
  done
}

# Is the thing itself there, though not from this package (another distribution, a compiler of one's own)?
is_provided() {
  case $1 in
    ca-certificates) [[ -e /etc/ssl/certs/ca-certificates.crt || -e /etc/pki/tls/certs/ca-bundle.crt || -e /etc/ssl/cert.pem ]] ;;
    g++) command -v "${CXX:-g++}" >/dev/null ;;
    ninja-build) command -v ninja >/dev/null ;;
    libcurl4-openssl-dev) has_library libcurl ;;
    nlohmann-json3-dev) has_library nlohmann_json ;;
    libsimdjson-dev) has_library simdjson ;;
    libspdlog-dev) has_library spdlog ;;
    libcli11-dev) has_library CLI11 ;;
    libssl-dev) has_library libcrypto ;;
    libre2-dev) has_library re2 ;;
    libgtest-dev) has_library gtest ;;
    libgmock-dev) has_library gmock ;;
    nghttp2-proxy) command -v nghttpx >/dev/null ;;
    libboost-dev) [[ -e /usr/include/boost/asio.hpp ]] ;;
    libbenchmark-dev) has_library benchmark ;;
    lib*) return 1 ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

has_library() { pkg-config --exists "$1" 2>/dev/null; }

install_packages() {
  local log
  log=$(mktemp)
  refresh_package_lists "$log"
  if ! watched_log "apt-get install" "$log" as_root apt-get install -y --no-install-recommends "$@"; then
    tail -n 8 "$log" >&2
    explain_apt_failure "$log"
  fi
  rm -f "$log"
}

# A failing update is no failure yet: a foreign package source may be down, and the lists may be good enough.
refresh_package_lists() { watched_log "apt-get update" "$1" as_root apt-get update || true; }

as_root() {
  local sudo=()
  ((EUID == 0)) || sudo=(sudo)
  # The variable is set behind sudo, which would drop it.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$1" -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 \
    -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "${@:2}"
}

explain_apt_failure() {
  local log=$1
  if log_says_no_space "$log"; then
    fail "Not enough disk space for the system packages; make room and run the same command again."
  elif log_says_no_network "$log"; then
    fail "No network: the system packages could not be downloaded; connect this machine and run the same command again."
  elif grep -qiE 'unable to locate package|has no installation candidate' "$log"; then
    fail "This system's package lists lack something that is needed (see above); use Debian 12, Ubuntu 24.04 or newer."
  fi
  fail "apt-get could not install the system packages (see above, all of it in $log); put that right and run the same command again."
}

# Sets clang, clang_packages: version 14 is what we test; where it is gone, the distribution's own.
choose_clang() {
  clang="clang-14"
  if ! command -v clang-14 >/dev/null && command -v apt-cache >/dev/null && ! apt_knows clang-14; then
    ((no_install)) || refresh_package_lists /dev/null
    apt_knows clang-14 || clang="clang"
  fi
  clang_packages=(clang-14 libclang-rt-14-dev)
  # shellcheck disable=SC2034
  [[ $clang == clang-14 ]] || clang_packages=(clang libclang-rt-dev)
}

# Sets tidy_packages: version 14 where the distribution has it, else the distribution's own.
choose_clang_tidy() {
  tidy_packages=(clang-tidy-14)
  # shellcheck disable=SC2034
  command -v clang-tidy-14 >/dev/null || apt_knows clang-tidy-14 || tidy_packages=(clang-tidy)
}

apt_knows() { [[ -n $(apt-cache madison "$1" 2>/dev/null) ]]; }
