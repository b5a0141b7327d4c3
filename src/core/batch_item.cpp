// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/batch.hpp"
#include "base/json.hpp"
#include "base/thrown.hpp"
#include "core/kept_spellings.hpp"
#include "core/media_messages.hpp"
#include "media/opened_media.hpp"

namespace abstractllm {
namespace {

Error wrong(const std::string& what) { return {ErrorKind::invalid_argument, what}; }

std::string as_option_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : dump_json(value);
}

/// Returns the error for `what`, which a line may not set unless its reader trusts it.
Error untrusted(const std::string& what) {
  return wrong(what + "; a line may not, since it may come from a stranger (`--allow-line-options` trusts the file)");
}

Result<void> check_trust(const std::string& name) {
  for (const OptionField& field : Options::fields())
    if (field.name == name && field.trust == OptionTrust::trusted)
      return untrusted("a question sets the option " + name +
                       ", which decides where keys and data go or which files are used");
  return {};
}

Result<void> check_trust(MediaKind kind, const Attachment& attachment) {
  if (!may_read_file(kind, attachment)) return {};
  const std::string what = kind == MediaKind::audio ? "audio" : (kind == MediaKind::image ? "an image" : "a file");
  return untrusted("a question has " + what +
                   " that is not a URL, a data URL or base64, so it would be read from a file");
}

/// A file of this machine would be sent to the provider, and the answer could show its content.
Result<void> check_trust(const BatchItem& item) {
  if (item.options.images())
    for (const Image& image : *item.options.images())
      if (auto fits = check_trust(MediaKind::image, image); !fits) return fits;
  if (item.options.audio())
    for (const Audio& audio : *item.options.audio())
      if (auto fits = check_trust(MediaKind::audio, audio); !fits) return fits;
  Result<void> outcome;
  for_each_attachment(item.messages, [&](const AttachedPart& attached) {
    if (outcome) outcome = check_trust(attached.kind, attached.attachment);
  });
  return outcome;
}

/// Sets an option as Options::set takes it: lists element by element, `logit_bias` and `extra_headers` pair by pair.
Result<void> set_option(Options& options, const std::string& name, const Json& value) {
  if (value.is_array()) {
    for (const Json& element : value)
      if (auto set = options.set(name, as_option_text(element)); !set) return set;
    return {};
  }
  if (value.is_object() && (name == "logit_bias" || name == "extra_headers")) {
    const char* between = name == "logit_bias" ? "=" : ": ";
    for (const auto& [key, element] : value.items())
      if (auto set = options.set(name, key + between + as_option_text(element)); !set) return set;
    return {};
  }
  return options.set(name, as_option_text(value));
}

/// `text` is the same object in its original spelling.
Result<std::vector<Message>> read_messages(const Json& object, std::string_view text) {
  const auto prompt = object.find("prompt");
  const auto messages = object.find("messages");
  if ((prompt == object.end()) == (messages == object.end()))
    return wrong("a question has either \"prompt\" or \"messages\"");
  if (messages != object.end()) {
    // This reads the text itself, so that arguments of tool calls keep their spelling.
    const std::string_view spelled = spelled_member(text, "messages");
    return messages_from_json(spelled.empty() ? dump_json(*messages) : std::string(spelled));
  }
  if (!prompt->is_string()) return wrong("\"prompt\" is not a string");
  return std::vector<Message>{Message::user(prompt->get<std::string>())};
}

Result<void> read_options(const Json& object, OptionTrust allowed, Options& options) {
  if (!object.is_object()) return wrong("\"options\" is not an object");
  for (const auto& [name, value] : object.items()) {
    if (allowed != OptionTrust::trusted)
      if (auto fits = check_trust(name); !fits) return fits;
    if (auto set = set_option(options, name, value); !set) return set;
  }
  return {};
}

Result<BatchItem> read_object(const Json& object, std::string_view text, OptionTrust allowed) {
  for (const auto& [name, value] : object.items())
    if (name != "prompt" && name != "messages" && name != "options" && name != "id")
      return wrong("a question has no field \"" + name + "\": there are prompt, messages, options and id");
  auto messages = read_messages(object, text);
  if (!messages) return std::move(messages).error();
  BatchItem item(*std::move(messages));
  if (const auto id = object.find("id"); id != object.end()) item.id_json = dump_json(*id);
  if (const auto options = object.find("options"); options != object.end())
    if (auto read = read_options(*options, allowed, item.options); !read) return std::move(read).error();
  if (allowed != OptionTrust::trusted)
    if (auto fits = check_trust(item); !fits) return std::move(fits).error();
  return item;
}

}  // namespace

Result<BatchItem> batch_item_from_json(std::string_view json, OptionTrust allowed) {
  return guarded([&]() -> Result<BatchItem> {
    const Result<Json> parsed = parse_json(json, "a question");
    if (!parsed) return parsed.error();
    if (parsed->is_string()) return BatchItem(parsed->get<std::string>());
    if (parsed->is_object()) return read_object(*parsed, json, allowed);
    return wrong("a question is a JSON string or object");
  });
}

std::string batch_item_id(std::string_view json) {
  const Result<Json> parsed = parse_json(json, "a question");
  if (!parsed || !parsed->is_object()) return {};
  const auto id = parsed->find("id");
  return id == parsed->end() ? std::string() : dump_json(*id);
}

}  // namespace abstractllm
