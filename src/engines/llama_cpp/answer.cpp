// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/answer.hpp"

namespace abstractllm {
namespace {

/// The engine reports a server error if the calls in the batch have filled the context together.
void name_full_context(server_task_result& result) {
  auto* error = dynamic_cast<server_task_result_error*>(&result);
  if (error == nullptr || error->err_msg != "Context size has been exceeded." || error->n_ctx <= 0) return;
  error->err_type = ERROR_TYPE_EXCEED_CONTEXT_SIZE;
  error->err_msg = "the calls that run together have filled the context of " + std::to_string(error->n_ctx) +
                   " tokens, try increasing it or running fewer at once";
}

Error engine_error(const std::string& words) {
  // The engine parses the answer in the form of the template: tool calls, reasoning.
  const bool unreadable = words.find("does not match the expected") != words.npos;
  return {ErrorKind::engine_failed, "the local engine failed: " + words +
                                        (unreadable ? "; the model does not write as its chat template says: another "
                                                      "chat_template may fit it"
                                                    : "")};
}

}  // namespace

EngineAnswer::EngineAnswer(const PreparedCall& prepared)
    : call_(prepared.call),
      adapters_(prepared.task.params.lora),
      stream_(prepared.stream),
      unfinished_(1 + prepared.task.child_tasks.size()) {
  task_ids_.insert(prepared.task.id);
  states_.push_back(prepared.task.create_state());
  for (const server_task& child : prepared.task.child_tasks) {
    task_ids_.insert(child.id);
    states_.push_back(child.create_state());
  }
  finished_.resize(states_.size());
}

bool EngineAnswer::take(server_task_result_ptr result) {
  try {
    if (result->is_error()) return take_error(*result);
    result->update(states_.at(result->index));
    const bool last_of_its_task = result->is_stop();
    if (stream_) take_streamed(*result);
    else take_whole(std::move(result));
    if (!last_of_its_task || --unfinished_ > 0) return false;
    if (stream_) call_->append("data: [DONE]\n\n");
    else write_whole();
    call_->end();
    return true;
  } catch (const std::exception& failure) {
    write_error(format_error_response(failure.what(), ERROR_TYPE_SERVER));
    return true;
  }
}

bool EngineAnswer::take_error(server_task_result& result) {
  name_full_context(result);
  write_error(result.to_json());
  return true;
}

void EngineAnswer::take_streamed(server_task_result& result) {
  if (!opened_) call_->open(200, "text/event-stream");
  opened_ = true;
  json chunks = result.to_json();
  if (result.is_stop() && chunks.is_array() && !chunks.empty()) add_statistics(chunks.back(), result.id_slot);
  if (!chunks.is_null()) call_->append(format_oai_sse(chunks));
}

/// The fields that llama-server does not put into its "timings".
void EngineAnswer::add_statistics(json& body, int slot) const {
  if (!body.contains("timings")) return;
  if (slot >= 0) body["timings"]["slot"] = slot;
  if (call_->load_time()) body["timings"]["load_ms"] = static_cast<double>(call_->load_time()->count()) / 1000.0;
}

void EngineAnswer::take_whole(server_task_result_ptr result) {
  if (!result->is_stop()) return;
  const std::size_t index = result->index;
  finished_.at(index) = std::move(result);
}

void EngineAnswer::write_whole() {
  json body = finished_.front()->to_json();
  add_statistics(body, finished_.front()->id_slot);
  for (std::size_t i = 1; i < finished_.size(); ++i) {
    json other = finished_[i]->to_json();
    body["choices"].push_back(std::move(other["choices"][0]));
  }
  call_->open(200, json_type);
  call_->append(safe_json_to_str(body));
}

void EngineAnswer::write_error(const json& error) {
  // A failure of a server may be temporary. This one would come again.
  if (json_value(error, "code", 500) == 500)
    return call_->fail(engine_error(json_value(error, "message", std::string())));
  const json body = {{"error", error}};
  if (opened_) {
    call_->append(format_oai_sse(body));
    call_->end();
  } else {
    write_directly(*call_, {json_value(error, "code", 500), safe_json_to_str(body)});
  }
}

}  // namespace abstractllm
