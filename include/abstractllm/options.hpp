// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/audio.hpp"
#include "abstractllm/export.hpp"
#include "abstractllm/image.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/tool.hpp"

namespace abstractllm {

class Executor;

/// The C++ types of the kinds in options.def.
namespace option_kind {
using text = std::string;
using secret = std::string;  // masked wherever it would be shown
using number = double;
using integer = std::int64_t;
using boolean = bool;
using texts = std::vector<std::string>;
using images = std::vector<Image>;
using recordings = std::vector<Audio>;
using duration = std::chrono::milliseconds;
using biases = std::map<std::int32_t, double>;                     // token id -> bias
using headers = std::vector<std::pair<std::string, std::string>>;  // name, value
using json = std::string;                                          // JSON text of one object
}  // namespace option_kind

/// The kinds of values. option_kind has the C++ type of each.
enum class OptionKind {
  text,
  secret,
  number,
  integer,
  boolean,
  texts,
  images,
  recordings,
  duration,
  biases,
  headers,
  json
};

/// The part of a call that an option affects: the question, the vectors of Llm::embed(), the way to the provider, or
/// the load of a model in this process. Calls for an answer ignore options of scope `embedding`, and Llm::embed()
/// ignores those of scope `generation` except model and extra_body, so that one handle can do both. Options of scope
/// `tools` are about the tools that this library runs; they are not sent.
enum class OptionScope { generation, tools, embedding, connection, engine };

/// The sources that may set an option. A trusted option decides which server gets the key, which files are read or
/// written, or what this process runs. So only code, flags and the environment may set it. An open option may also come
/// from data, such as a line of a batch file.
enum class OptionTrust { open, trusted };

/// States whether calls that set the option differently can share one transport: always with `shared`, never with
/// `any`, and with `own` only if the provider has no transport of its own.
enum class OptionTransport { shared, own, any };

/// One row of options.def.
struct OptionField {
  std::string_view name;
  OptionKind kind;
  OptionScope scope;
  OptionTrust trust;
  OptionTransport transport;
  std::string_view unit;
  double min;  ///< min == max == 0 means that there is no range
  double max;
  std::string_view flag;
  std::string_view help;
};

/// The options of a call or of a handle. An option that is not set is inherited: the call's options override the
/// instance's, these override the environment, and the environment overrides the provider's defaults. An option that is
/// set nowhere is not sent.
///
/// Each row of options.def becomes a setter, `Options& temperature(double)`, and a getter, `const
/// std::optional<double>& temperature() const`. Setters can be chained and never fail. Ranges are checked when the
/// options are used, or by validate(). A reference from a getter is valid until the object is changed, assigned to or
/// destroyed.
///
/// Options is a plain value, a few pointers wide. Copies share their values until one of them is changed, so copying is
/// cheap. An object with nothing set allocates nothing. Different threads may use different copies, but two threads
/// must not change one object.
class ABSTRACTLLM_API Options {
 public:
  class Values;

  Options() noexcept {}

#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  Options& name(option_kind::kind value);                                                   \
  const std::optional<option_kind::kind>& name() const noexcept;
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION

  /// Adds one more image to images().
  Options& image(Image image);
  Options& image(std::string source);

  /// Adds one more recording to audio().
  Options& audio(Audio audio);
  Options& audio(std::string source);

  /// The tools that the model may call, in place of those of the handle. An empty list means no tools.
  Options& tools(std::vector<Tool> tools);
  const std::optional<std::vector<Tool>>& tools() const noexcept;

  /// The function that decides about each call before its tool runs. Without one, every call is allowed. It is called
  /// on a thread of the library's pool, for one call of a round after the other, before the first tool of the round
  /// runs. It may block: the time does not count for Options::timeout. An exception denies the call.
  Options& approve_tool(ApproveTool approve);
  const std::optional<ApproveTool>& approve_tool() const noexcept;

  /// Stops the call, with one Error of kind cancelled: at once, or when its tools have ended (docs/tools.md).
  Options& stop_token(std::stop_token token) noexcept {
    stop_token_ = std::move(token);
    return *this;
  }
  const std::stop_token& stop_token() const noexcept { return stop_token_; }

  /// The executor that runs the callbacks of asynchronous calls and resumes their coroutines. If it is unset, they run
  /// on the library's one loop thread, where nothing may block.
  Options& executor(std::shared_ptr<Executor> where) noexcept {
    executor_ = std::move(where);
    return *this;
  }
  const std::shared_ptr<Executor>& executor() const noexcept { return executor_; }

  /// Sets an option by its name, from text as the command line and the environment spell it. Each call adds one element
  /// to a list, to biases or to headers. Errors: invalid_argument for an unknown name (with the nearest known one) or
  /// for text that is not a valid value.
  Result<void> set(std::string_view name, std::string_view text);

  /// Returns these options, completed with those of `weaker` that are not set here. Headers are merged one by one, by
  /// their names.
  Options over(const Options& weaker) const;

  /// Errors: invalid_argument, which names the first option that is out of range, its value and the range.
  Result<void> validate() const;

  /// Returns the options that are set as one JSON object, with durations in seconds. Secrets and values of
  /// extra_headers are masked.
  std::string to_json() const;

  /// The rows of options.def, in their order.
  static std::span<const OptionField> fields() noexcept;

 private:
  /// Counts the objects that share the values.
  class ABSTRACTLLM_API Shared {
   public:
    Shared() noexcept {}
    Shared(const Shared& other) noexcept : values_(other.values_) {
      if (values_ != nullptr) retain(*values_);
    }
    Shared(Shared&& other) noexcept : values_(std::exchange(other.values_, nullptr)) {}
    Shared& operator=(Shared other) noexcept {
      std::swap(values_, other.values_);
      return *this;
    }
    ~Shared() {
      if (values_ != nullptr) release(*values_);
    }

    /// Returns null if nothing is set.
    const Values* get() const noexcept { return values_; }
    /// Returns values that may be changed, because no other object shares them.
    Values& own();

   private:
    static void retain(Values& values) noexcept;
    static void release(Values& values) noexcept;

    Values* values_ = nullptr;
  };

  const Values& values() const noexcept;

  Shared shared_;
  std::stop_token stop_token_;
  std::shared_ptr<Executor> executor_;
};

}  // namespace abstractllm
