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

#include "abstractllm/export.hpp"
#include "abstractllm/image.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

class Executor;

/// The C++ types of the kinds in options.def.
namespace option_kind {
using text = std::string;
using secret = std::string;  // masked wherever it would show
using number = double;
using integer = std::int64_t;
using boolean = bool;
using texts = std::vector<std::string>;
using images = std::vector<Image>;
using duration = std::chrono::milliseconds;
using biases = std::map<std::int32_t, double>;                     // token id -> bias
using headers = std::vector<std::pair<std::string, std::string>>;  // name, value
using json = std::string;                                          // JSON text of one object
}  // namespace option_kind

enum class OptionKind { text, secret, number, integer, boolean, texts, images, duration, biases, headers, json };

/// What an option is about: what is asked, how it gets there, or how a model is loaded in this process.
enum class OptionScope { generation, connection, engine };

/// Who may set an option. A trusted option decides who gets the key, which files are read or written, or what this
/// process runs, so only code, flags and the environment may set it. An open option may also come from data, such as a
/// line of a batch file.
enum class OptionTrust { open, trusted };

/// Whether calls that set the option differently can share one transport. `any`: no. `own`: not where the provider has
/// a transport of its own. `shared`: yes.
enum class OptionTransport { shared, own, any };

/// One row of options.def.
struct OptionField {
  std::string_view name;
  OptionKind kind;
  OptionScope scope;
  OptionTrust trust;
  OptionTransport transport;
  std::string_view unit;
  double min;  ///< min == max == 0: no range
  double max;
  std::string_view flag;
  std::string_view help;
};

/// What to ask for and how. An option that is not set is inherited: call over instance over environment over the
/// provider's default; and where none of these sets it, it is not sent at all.
///
/// Each row of options.def is here a setter, `Options& temperature(double)`, and a getter,
/// `const std::optional<double>& temperature() const`. Setters chain and never fail: ranges are checked when the
/// options are used (or by validate()). What a getter gives lives until the object is changed, assigned to or gone.
///
/// A plain value, a few pointers wide. Copies share what is set until one of them is changed, so copying is cheap, and
/// an object with nothing set allocates nothing. Copies may be used by different threads; do not change one object from
/// two.
class ABSTRACTLLM_API Options {
 public:
  class Values;

  Options() noexcept {}

#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  Options& name(option_kind::kind value);                                                   \
  const std::optional<option_kind::kind>& name() const noexcept;
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION

  /// One more of images().
  Options& image(Image image);
  Options& image(std::string source);

  /// Stops the call: it ends with one Error of kind cancelled, and returns at once.
  Options& stop_token(std::stop_token token) noexcept {
    stop_token_ = std::move(token);
    return *this;
  }
  const std::stop_token& stop_token() const noexcept { return stop_token_; }

  /// Where callbacks of asynchronous calls run and coroutines go on; unset: on the library's one loop thread, where
  /// nothing may block.
  Options& executor(std::shared_ptr<Executor> where) noexcept {
    executor_ = std::move(where);
    return *this;
  }
  const std::shared_ptr<Executor>& executor() const noexcept { return executor_; }

  /// Sets an option by its name from text, as the command line and the environment spell it. A list, biases and headers
  /// grow by one element at each call. Errors: invalid_argument for an unknown name (with the nearest known one) or a
  /// text that does not fit.
  Result<void> set(std::string_view name, std::string_view text);

  /// These options, and those of `weaker` where these are not set. Headers are taken one by one, by their names.
  Options over(const Options& weaker) const;

  /// Errors: invalid_argument naming the first option that is out of range, its value and the range.
  Result<void> validate() const;

  /// The options that are set, as one JSON object; durations in seconds. Secrets and values of extra_headers are
  /// masked.
  std::string to_json() const;

  /// The table, in its order.
  static std::span<const OptionField> fields() noexcept;

 private:
  /// Counts who shares the values.
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

    /// Null: nothing is set.
    const Values* get() const noexcept { return values_; }
    /// To be changed: nobody else has these.
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
