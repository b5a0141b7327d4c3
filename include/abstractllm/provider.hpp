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

/// The form in which an answer is requested: one body, or a stream.
enum class Delivery { body, stream };

/// An image as a Protocol writes it. Either `url` is set, or `media_type` and `base64` are.
class ImageData {
 public:
  ImageData() {}

  std::string url;         ///< http or https, for the server to fetch
  std::string media_type;  ///< "image/png"; it is written into the body unchanged
  std::string base64;  ///< written into the body unchanged: a mark that is replaced by the image when the body is sent
  std::string detail;  ///< Image::detail(), or empty

  /// Returns the URL, or `data:TYPE;base64,DATA`.
  std::string as_url() const { return url.empty() ? "data:" + media_type + ";base64," + base64 : url; }
};

/// Audio as a Protocol writes it.
class AudioData {
 public:
  AudioData() {}

  std::string media_type;  ///< "audio/wav", "audio/mpeg" or "audio/flac", or a mark that is replaced by it
  std::string format;      ///< "wav", "mp3" or "flac", or a mark that is replaced by it
  std::string base64;      ///< written into the body unchanged: a mark that is replaced by the audio
};

/// A file as a Protocol writes it. Either `url` is set, or `media_type` and `base64` are.
class FileData {
 public:
  FileData() {}

  std::string name;        ///< for the model to read: UTF-8 without control characters, not empty
  std::string url;         ///< http or https, for the server to fetch
  std::string media_type;  ///< "application/pdf" or "text/plain", or a mark that is replaced by it
  std::string base64;      ///< written into the body unchanged: a mark that is replaced by the file
  bool is_text = false;    ///< it is text …
  std::string text;        ///< … and this is its text, in UTF-8

  /// Returns `data:TYPE;base64,DATA`.
  std::string as_data_url() const { return "data:" + media_type + ";base64," + base64; }
};

/// What a wire format has a place for, besides text, and images of the user.
class MediaSupport {
 public:
  /// Which files the server fetches itself.
  enum class Urls {
    none,  ///< none: this library fetches them
    pdf,   ///< PDF documents: those whose path ends with ".pdf"
    any,   ///< all
  };

  MediaSupport() {}

  bool audio = false;                      ///< otherwise it is dropped, with a Warning
  std::vector<std::string> audio_formats;  ///< some of "wav", "mp3" and "flac"; empty: all of them
  bool pdf = false;                        ///< otherwise a PDF is `unsupported`
  bool text_files = false;                 ///< otherwise they are written into the text, with a Warning
  Urls urls = Urls::none;
  bool result_images = false;  ///< images in the results of tools; otherwise they are dropped, with a Warning
};

/// One call, merged and checked. A Protocol encodes it in its wire format.
class Request {
 public:
  Request() {}

  std::vector<Message> messages;  ///< at least one; a system prompt comes first
  std::vector<ImageData> images;  ///< one for each Image in the messages and in their results of tools, in their order
  std::vector<AudioData> audio;   ///< one for each Audio
  std::vector<FileData> files;    ///< one for each File; those that the format has no place for are text already
  Options options;                ///< merged: call over instance over environment over provider default
  Delivery delivery = Delivery::stream;
};

/// The result of Protocol::encode.
class EncodedRequest {
 public:
  EncodedRequest() {}

  HttpRequest http;  ///< from Protocol::encode, the url is a path that starts with '/'; from Llm::encode, a whole URL
  std::vector<Warning> warnings;  ///< what the format cannot express; under Options::strict it is an error
};

/// Facts about an answer that are not events. The value is passed on whole, so a new member reaches every caller.
struct AnswerFacts {
  std::string id;            ///< first non-empty id of the answer
  std::string model;         ///< first non-empty model name
  Usage usage;               ///< latest usage; also in Finished
  ModelTiming model_timing;  ///< latest; see Timing::model
  bool operator==(const AnswerFacts&) const = default;
};

/// Lists that grow with an answer. They are passed on once, at its end.
struct AnswerLists {
  std::string logprobs_json;   ///< see Response::logprobs_json
  std::string citations_json;  ///< see Response::citations_json
  bool operator==(const AnswerLists&) const = default;
};

/// The results of a Decoder so far: events in order, and facts about the whole answer.
class Decoded : public AnswerFacts, public AnswerLists {
 public:
  Decoded() {}

  std::vector<StreamEvent> events;  ///< appended by the decoder, taken by the caller
  bool has_finish_reason = false;   ///< the provider said why the answer ended: only usage and an end mark can follow

  AnswerFacts& facts() { return *this; }
  const AnswerFacts& facts() const { return *this; }
  AnswerLists& lists() { return *this; }
  bool operator==(const Decoded&) const = default;
};

/// Turns the bytes of one answer into events. It is pure: no I/O and no clock. Use one object for one answer, on one
/// thread at a time.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Takes the next bytes, which may be cut anywhere. An error ends the answer. Events that were appended to `out`
  /// before it stay valid.
  virtual Result<void> feed(std::string_view bytes, Decoded& out) = 0;

  /// Call this when the bytes have ended. It fails with `protocol` if it has not seen the answer's own end. Otherwise
  /// it appends Finished, unless feed() has already done so.
  virtual Result<void> finish(Decoded& out) = 0;

  /// Returns whether finish() can tell a whole answer from one that was cut off. If this is false, any bytes are
  /// accepted, and only the transport's BodyEnd shows that they are complete.
  virtual bool knows_its_end() const { return true; }
};

/// One wire format. It encodes requests and decodes answers. It is pure and thread-safe.
class Protocol {
 public:
  virtual ~Protocol() = default;

  /// The name, such as "openai_chat".
  virtual std::string_view name() const = 0;

  /// Encodes method, path, body and the headers of the format. The same request gives the same bytes. An option that
  /// the format or the model does not accept is left out, with a Warning "option_ignored". Errors: invalid_argument for
  /// a request that makes no sense in any format.
  virtual Result<EncodedRequest> encode(const Request& request) const = 0;

  /// Returns what encode() writes besides text and images. Audio and files that the format has no place for are not in
  /// a Request.
  virtual MediaSupport media() const { return {}; }

  /// Makes the decoder for one answer that was requested in this form.
  virtual std::unique_ptr<Decoder> decoder(Delivery delivery) const = 0;

  /// Returns the Error for an answer with a status of 400 or above. `body` is the part of the body that arrived. It may
  /// be empty, and it need not be JSON.
  virtual Error decode_error(const HttpHead& head, std::string_view body) const = 0;

  /// The names of the options of scope `engine` that encode() writes, in any order. A call that sets another one gets
  /// the Warning "option_ignored", unless the provider has a transport of its own.
  virtual std::span<const std::string_view> engine_options() const { return {}; }

  /// Returns the provider's id of a request, from the head of its answer, or "" if there is none.
  virtual std::string request_id(const HttpHead& head) const;

  /// Returns a Warning if the usage of a whole answer shows that the server has not read all of the prompt.
  virtual std::optional<Warning> check_usage(const HttpRequest& request, const Usage& usage) const {
    (void)request;
    (void)usage;
    return std::nullopt;
  }

  /// Paths of the format that people paste into a base URL by mistake, such as "/chat/completions". They are removed
  /// from the URL.
  virtual std::span<const std::string_view> call_paths() const { return {}; }

  // The operations besides chat. A null pointer means that the format does not have the operation. The pointer is valid
  // as long as the Protocol.

  virtual const ModelsOperation* models() const { return nullptr; }
  virtual const DescribeOperation* describe() const { return nullptr; }
  virtual const CountTokensOperation* count_tokens() const { return nullptr; }
  virtual const EmbedOperation* embed() const { return nullptr; }
  virtual const RerankOperation* rerank() const { return nullptr; }
};

/// A provider's limits for images, as far as they are known. 0 means an unknown limit, or no limit.
class ImageLimits {
 public:
  ImageLimits() {}

  std::int64_t count = 0;         ///< images in one request
  std::int64_t bytes = 0;         ///< bytes of one image, before base64
  std::int64_t side = 0;          ///< width and height, in pixels
  std::int64_t many = 0;          ///< if a request has more images than this, …
  std::int64_t side_of_many = 0;  ///< … each side may have at most this many pixels
};

/// A provider's limits for audio. 0 means an unknown limit, or no limit.
class AudioLimits {
 public:
  AudioLimits() {}

  std::int64_t bytes = 0;    ///< bytes of one recording, before base64
  std::int64_t seconds = 0;  ///< length of all recordings of a request, as far as it is known
};

/// An environment variable whose value becomes a header of each request.
class HeaderVariable {
 public:
  HeaderVariable(std::string variable_name, std::string header_name, std::string value_prefix = {})
      : variable(std::move(variable_name)), header(std::move(header_name)), prefix(std::move(value_prefix)) {}

  std::string variable;  ///< "ANTHROPIC_AUTH_TOKEN"
  std::string header;    ///< "Authorization"; Options::extra_headers of that name take precedence
  std::string prefix;    ///< text before the value in the header: "Bearer "
};

/// A service that answers: its name, the protocols that it speaks, and how to reach it.
class Provider {
 public:
  Provider() {}

  std::string name;                                        ///< [a-z0-9_]+
  std::string description;                                 ///< one line for listings
  std::vector<std::shared_ptr<const Protocol>> protocols;  ///< at least one; the first is the default
  std::string base_url;                                    ///< http or https; if it is empty, the user must give one
  std::string base_url_variable;                           ///< environment variable that replaces base_url, or empty
  std::function<std::string(std::string_view)>
      read_base_url;              ///< turns that variable's value into a URL; if unset, the value is the URL
  std::string endpoint_variable;  ///< read if base_url_variable is not set; or empty
  std::function<std::string(std::string_view)> read_endpoint;  ///< makes the base URL of its value; unset: unchanged
  std::vector<HeaderVariable> header_variables;                ///< if one for Authorization is set, no key is required
  std::string key_variable;  ///< environment variable that holds the key; if it is empty, no key is needed
  bool key_required = true;  ///< if there is a key_variable, a call without a key is not_configured
  std::string key_header = "Authorization";  ///< header that has the key
  std::string key_prefix = "Bearer ";        ///< text before the key in the header
  bool model_required = false;               ///< a call without a model is invalid_argument
  bool fetches_image_urls = true;            ///< the server itself fetches images by their URL
  ImageLimits image_limits;                  ///< checked before anything is sent
  AudioLimits audio_limits;                  ///< the same
  bool describes_models =
      false;                   ///< the server tells what a model can do; it is asked before a call with images or audio
  bool loads_models = false;   ///< Protocol::describe() is answered when the model is loaded: Llm::preload()
  bool counts_tokens = false;  ///< the server supports Protocol::count_tokens()
  EmbeddingRules embedding_rules;  ///< what the server's endpoint for embeddings accepts
  Options defaults;                ///< default model and timeouts; all other sources of options override these

  /// Finds out what a model can do, without a network. If it is unset, or leaves a field unset, a table of known models
  /// decides.
  std::function<Capabilities(const Options&)> capabilities;

  /// Lists the models. It replaces Protocol::models().
  std::function<Result<std::vector<ModelInfo>>(const Options&)> list_models;

  /// Returns the path for a request, in place of the protocol's. `path` is the protocol's path with its query, such as
  /// "/chat/completions". The result begins with '/'. The function must be pure and thread-safe. If it is unset, the
  /// protocol's path is used.
  std::function<std::string(std::string_view path, const Options& options)> path;

  /// Signs a request, or adds a token that may have to be refreshed first. It is called before each attempt, including
  /// each retry. It gets the whole request and may change its URL and headers. Mark secret headers as secret, so that
  /// they are masked in errors, logs and recordings. If the options have a key, it is already in its header. The
  /// function must be thread-safe. For asynchronous calls it runs on the loop thread, where it must not block. An error
  /// ends the call. Example: examples/12_signed_requests.
  std::function<Result<void>(HttpRequest& request, const Options& options)> authorize;

  /// Makes the transport for these merged options. A handle keeps its latest few transports. It calls the function
  /// again for a call whose options differ in a column `transport` of options.def, and passes only the options that
  /// these columns name. The function must be thread-safe. If it is unset, the transport is HTTP.
  std::function<Result<std::shared_ptr<Transport>>(const Options&)> transport;
};

}  // namespace abstractllm
