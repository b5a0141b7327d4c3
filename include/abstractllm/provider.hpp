// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/message.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/stream.hpp"
#include "abstractllm/transport.hpp"

namespace abstractllm {

/// How the answer is asked for: in one body, or streamed.
enum class Delivery { body, stream };

/// One call, merged and checked: what a Protocol puts into its wire format.
class Request {
 public:
  Request() {}

  std::vector<Message> messages;  ///< at least one; a system prompt stands first
  Options options;                ///< merged: call over instance over environment over provider default
  Delivery delivery = Delivery::stream;
};

/// What a Decoder has found so far: events in order, and facts about the answer as a whole.
class Decoded {
 public:
  Decoded() {}

  std::vector<StreamEvent> events;  ///< appended by the decoder, taken by the caller
  std::string id;                   ///< first non-empty id of the answer
  std::string model;                ///< first non-empty model name
  Usage usage;                      ///< latest usage; also in Finished
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
};

/// One wire format: requests out, answers in. Pure and thread-safe.
class Protocol {
 public:
  virtual ~Protocol() = default;

  /// "openai_chat"
  virtual std::string_view name() const = 0;

  /// Method, path (joined to the base URL by the caller; starts with '/'), headers of the format and body. The same
  /// request gives the same bytes. Errors: invalid_argument for what cannot be said in this format.
  virtual Result<HttpRequest> encode(const Request& request) const = 0;

  virtual std::unique_ptr<Decoder> decoder(Delivery delivery) const = 0;

  /// The Error for an answer with status 400 and above. `body` is what came of it, perhaps nothing, perhaps not JSON.
  virtual Error decode_error(const HttpHead& head, std::string_view body) const = 0;
};

/// Who answers: a name, the protocols it speaks and how to reach it.
class Provider {
 public:
  Provider() {}

  std::string name;                                        ///< [a-z0-9_]+
  std::string description;                                 ///< one line for listings
  std::vector<std::shared_ptr<const Protocol>> protocols;  ///< at least one; the first is the default
  std::string base_url;                                    ///< without a slash at its end
  std::string base_url_variable;                           ///< environment variable that replaces base_url, or empty
  std::string key_variable;  ///< environment variable that holds the key; empty: no key is needed
  Options defaults;          ///< weakest of all options: default model, timeouts

  /// The transport for these merged options. Called once per handle and set of connection and engine options.
  /// Thread-safe.
  std::function<Result<std::shared_ptr<Transport>>(const Options&)> transport;
};

}  // namespace abstractllm
