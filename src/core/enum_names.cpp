// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "abstractllm/error.hpp"
#include "abstractllm/message.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/version.hpp"

namespace abstractllm {
namespace {

struct KindRow {
  ErrorKind kind;
  std::string_view name;
  int exit_code;
};

// The rows are in the order of the enumeration, so that a kind is its own index.
constexpr std::array kinds = {
    KindRow{ErrorKind::invalid_argument, "invalid_argument", 2},
    KindRow{ErrorKind::unsupported, "unsupported", 2},
    KindRow{ErrorKind::not_configured, "not_configured", 3},
    KindRow{ErrorKind::authentication, "authentication", 3},
    KindRow{ErrorKind::permission, "permission", 3},
    KindRow{ErrorKind::not_found, "not_found", 6},
    KindRow{ErrorKind::rate_limited, "rate_limited", 4},
    KindRow{ErrorKind::context_length, "context_length", 6},
    KindRow{ErrorKind::content_filtered, "content_filtered", 6},
    KindRow{ErrorKind::unavailable, "unavailable", 5},
    KindRow{ErrorKind::network, "network", 5},
    KindRow{ErrorKind::timeout, "timeout", 5},
    KindRow{ErrorKind::cancelled, "cancelled", 130},
    KindRow{ErrorKind::protocol, "protocol", 6},
    KindRow{ErrorKind::schema_mismatch, "schema_mismatch", 6},
    KindRow{ErrorKind::tool_failed, "tool_failed", 6},
    KindRow{ErrorKind::engine_failed, "engine_failed", 6},
    KindRow{ErrorKind::internal, "internal", 70},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (static_cast<std::size_t>(kinds[i].kind) != i) return false;
  return true;
}
static_assert(in_order());

template <class Enumerator>
struct NameRow {
  Enumerator value;
  std::string_view name;
};

constexpr std::array finish_reasons = {
    NameRow<FinishReason>{FinishReason::stop, "stop"},
    NameRow<FinishReason>{FinishReason::length, "length"},
    NameRow<FinishReason>{FinishReason::tool_calls, "tool_calls"},
    NameRow<FinishReason>{FinishReason::content_filter, "content_filter"},
    NameRow<FinishReason>{FinishReason::other, "other"},
};

constexpr std::array roles = {
    NameRow<Role>{Role::system, "system"},
    NameRow<Role>{Role::user, "user"},
    NameRow<Role>{Role::assistant, "assistant"},
    NameRow<Role>{Role::tool, "tool"},
};

/// Whether each row is at the index of its value, up to the last value.
template <class Rows, class Enumerator>
constexpr bool are_in_order(const Rows& rows, Enumerator last) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].value) != i) return false;
  return rows.size() == static_cast<std::size_t>(last) + 1;
}
static_assert(are_in_order(finish_reasons, FinishReason::other));
static_assert(are_in_order(roles, Role::tool));

}  // namespace

std::string_view to_string(ErrorKind kind) noexcept { return kinds[static_cast<std::size_t>(kind)].name; }
int exit_code(ErrorKind kind) noexcept { return kinds[static_cast<std::size_t>(kind)].exit_code; }
std::string_view to_string(FinishReason reason) noexcept {
  return finish_reasons[static_cast<std::size_t>(reason)].name;
}
std::string_view to_string(Role role) noexcept { return roles[static_cast<std::size_t>(role)].name; }
std::string_view version() noexcept { return ABSTRACTLLM_VERSION_STRING; }

Usage Error::usage() const { return partial ? partial->usage : Usage(); }

Exception::Exception(Error error)
    : std::runtime_error(std::string(to_string(error.kind)) + ": " + error.message),
      error_(std::make_shared<const Error>(std::move(error))) {}

}  // namespace abstractllm
