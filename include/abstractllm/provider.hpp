// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/message.hpp"
#include "abstractllm/operation.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/stream.hpp"
#include "abstractllm/transport.hpp"

namespace abstractllm {

/// How the answer is asked for: in one body, or streamed.
enum class Delivery { body, stream };

/// A picture as a Protocol writes it: either `url`, or the other two.
class ImageData {
 public:
  ImageData() {}

  std::string url;         ///< http or https, for the server to fetch
  std::string media_type;  ///< "image/png"; goes into the body as it is
  std::string base64;      ///< goes into the body as it is: a mark in whose place the picture is written as it is sent
  std::string detail;      ///< Image::detail(), or empty

  /// The URL, or `data:TYPE;base64,DATA`.
  std::string as_url() const { return url.empty() ? "data:" + media_type + ";base64," + base64 : url; }
};

/// One call, merged and checked: what a Protocol puts into its wire format.
class Request {
 public:
  Request() {}

  std::vector<Message> messages;  ///< at least one; a system prompt stands first
  std::vector<ImageData> images;  ///< one for each Image in the messages, in their order
  Options options;                ///< merged: call over instance over environment over provider default
  Delivery delivery = Delivery::stream;
};

/// What Protocol::encode makes of a Request.
class EncodedRequest {
 public:
  EncodedRequest() {}

  HttpRequest http;  ///< from Protocol::encode, the url is a path that starts with '/'; from Llm::encode, it is whole
  std::vector<Warning> warnings;  ///< what was asked and could not be said; under Options::strict it is an error
};

/// What is known of an answer beside its events. A value that is passed on whole: a new member reaches every caller.
struct AnswerFacts {
  std::string id;            ///< first non-empty id of the answer
  std::string model;         ///< first non-empty model name
  Usage usage;               ///< latest usage; also in Finished
  ModelTiming model_timing;  ///< latest; see Timing::model
  bool operator==(const AnswerFacts&) const = default;
};

/// What grows with an answer and is passed on once, at its end.
struct AnswerLists {
  std::string logprobs_json;   ///< see Response::logprobs_json
  std::string citations_json;  ///< see Response::citations_json
  bool operator==(const AnswerLists&) const = default;
};

/// What a Decoder has found so far: events in order, and facts about the answer as a whole.
class Decoded : public AnswerFacts, public AnswerLists {
 public:
  Decoded() {}

  std::vector<StreamEvent> events;  ///< appended by the decoder, taken by the caller
  bool has_finish_reason = false;   ///< the provider said why the answer ended: at most usage and an end mark follow

  AnswerFacts& facts() { return *this; }
  const AnswerFacts& facts() const { return *this; }
  AnswerLists& lists() { return *this; }
  bool operator==(const Decoded&) const = default;
};

/// Bytes of one answer into events. Pure: no I/O, no clock. One object for one answer, one thread at a time.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Takes the next bytes, cut anywhere. Errors end the answer; what was appended to `out` before stays valid.
  virtual Result<void> feed(std::string_view bytes, Decoded& out) = 0;

  /// The bytes have ended. Error protocol where the answer's own end has not been seen. Appends Finished otherwise,
  /// unless feed() has done so already.
  virtual Result<void> finish(Decoded& out) = 0;

  /// Whether finish() can tell a whole answer from one that was cut off. False: any bytes will do, so that only the
  /// transport's BodyEnd makes them whole.
  virtual bool knows_its_end() const { return true; }
};

/// One wire format: requests out, answers in. Pure and thread-safe.
class Protocol {
 public:
  virtual ~Protocol() = default;

  /// "openai_chat"
  virtual std::string_view name() const = 0;

  /// Method, path, headers of the format and body. The same request gives the same bytes. An option that the format or
  /// the model does not take is left out, with a Warning "option_ignored". Errors: invalid_argument for what makes no
  /// sense in any format.
  virtual Result<EncodedRequest> encode(const Request& request) const = 0;

  virtual std::unique_ptr<Decoder> decoder(Delivery delivery) const = 0;

  /// The Error for an answer with status 400 and above. `body` is what came of it, perhaps nothing, perhaps not JSON.
  virtual Error decode_error(const HttpHead& head, std::string_view body) const = 0;

  /// The names of the options of scope `engine` that encode() writes, in any order. A call that sets another one gets
  /// the Warning "option_ignored", unless the provider has a transport of its own.
  virtual std::span<const std::string_view> engine_options() const { return {}; }

  /// The provider's id of a request, from the head of its answer; "" where it has none.
  virtual std::string request_id(const HttpHead& head) const;

  /// A Warning where the usage of a whole answer shows that the server has not read all of the prompt.
  virtual std::optional<Warning> check_usage(const HttpRequest& request, const Usage& usage) const {
    (void)request;
    (void)usage;
    return std::nullopt;
  }

  /// The paths of the format that people paste into a base URL by mistake: "/chat/completions". They are taken off it.
  virtual std::span<const std::string_view> call_paths() const { return {}; }

  // The operations besides chat. Null: the format has no such operation.

  virtual const ModelsOperation* models() const { return nullptr; }
  virtual const DescribeOperation* describe() const { return nullptr; }
  virtual const CountTokensOperation* count_tokens() const { return nullptr; }
};

/// What a provider takes of pictures, as far as it is known; 0: not known, or no limit.
class ImageLimits {
 public:
  ImageLimits() {}

  std::int64_t count = 0;         ///< pictures in one request
  std::int64_t bytes = 0;         ///< of one picture, before base64
  std::int64_t side = 0;          ///< pixels, width and height
  std::int64_t many = 0;          ///< above that many pictures in one request, …
  std::int64_t side_of_many = 0;  ///< … each side is at most so many pixels
};

/// An environment variable whose value becomes a header of each request.
class HeaderVariable {
 public:
  HeaderVariable(std::string variable_name, std::string header_name, std::string value_prefix = {})
      : variable(std::move(variable_name)), header(std::move(header_name)), prefix(std::move(value_prefix)) {}

  std::string variable;  ///< "ANTHROPIC_AUTH_TOKEN"
  std::string header;    ///< "Authorization"; Options::extra_headers of that name win
  std::string prefix;    ///< what stands before the value in it: "Bearer "
};

/// Who answers: a name, the protocols it speaks and how to reach it.
class Provider {
 public:
  Provider() {}

  std::string name;                                        ///< [a-z0-9_]+
  std::string description;                                 ///< one line for listings
  std::vector<std::shared_ptr<const Protocol>> protocols;  ///< at least one; the first is the default
  std::string base_url;                                    ///< http or https; empty: the user must name one
  std::string base_url_variable;                           ///< environment variable that replaces base_url, or empty
  std::function<std::string(std::string_view)>
      read_base_url;              ///< what that variable's value means; none: the URL itself
  std::string endpoint_variable;  ///< read where base_url_variable is not set, or empty
  std::function<std::string(std::string_view)> read_endpoint;  ///< the base URL for its value; none: the value itself
  std::vector<HeaderVariable> header_variables;                ///< with one for Authorization set, no key is required
  std::string key_variable;                  ///< environment variable that holds the key; empty: no key is needed
  bool key_required = true;                  ///< with a key_variable: a call without a key is not_configured
  std::string key_header = "Authorization";  ///< header that carries the key
  std::string key_prefix = "Bearer ";        ///< what stands before the key in it
  bool model_required = false;               ///< a call without a model is invalid_argument
  bool fetches_image_urls = true;            ///< the server fetches pictures by their URL itself
  ImageLimits image_limits;                  ///< checked before anything is sent
  bool describes_models = false;  ///< its server tells what a model can do: it is asked before a call with images
  bool loads_models = false;      ///< the answer to Protocol::describe() comes once the model is loaded: Llm::preload()
  bool counts_tokens = false;     ///< its server has Protocol::count_tokens()
  Options defaults;               ///< weakest of all options: default model, timeouts

  /// What a model can do, found out without a network; unset, or what it leaves unset: a table of known models says.
  std::function<Capabilities(const Options&)> capabilities;

  /// What models there are, in place of Protocol::models().
  std::function<Result<std::vector<ModelInfo>>(const Options&)> list_models;

  /// The path for a request, in place of the protocol's. `path` is the protocol's, with its query: "/chat/completions".
  /// The result begins with '/'. Pure and thread-safe. Unset: the protocol's path.
  std::function<std::string(std::string_view path, const Options& options)> path;

  /// Signs a request, or adds a token that may have to be refreshed first. It is called before each attempt, also a
  /// repeated one, with the whole request, and may change its URL and headers. Mark secret headers as such: they are
  /// then masked in errors, logs and recordings. The key of the options is in its header by then, where there is one.
  /// Thread-safe. For asynchronous calls it runs on the loop thread, where it must not block. Errors end the call.
  /// Example: examples/12_signed_requests.
  std::function<Result<void>(HttpRequest& request, const Options& options)> authorize;

  /// The transport for these merged options. A handle calls it again for a call whose options differ in a column
  /// `transport` of options.def, keeps the latest few transports, and passes only the options that these columns name.
  /// Thread-safe. Unset: HTTP.
  std::function<Result<std::shared_ptr<Transport>>(const Options&)> transport;
};

}  // namespace abstractllm
