// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_progress.hpp"

#include <array>
#include <memory>
#include <utility>

#include "base/log.hpp"
#include "hub/pull_meter.hpp"

namespace abstractllm {

void log_import_progress(const ImportProgress& progress) {
  if (!log_enabled(LogLevel::debug)) return;
  constexpr std::array<const char*, 4> stages = {"downloading", "waiting", "writing", "quantizing"};
  LogRecord record;
  record.level = LogLevel::debug;
  record.event = "import_progress";
  record.fields = {{"model", progress.file},
                   {"stage", stages[static_cast<std::size_t>(progress.stage)]},
                   {"bytes", progress.bytes},
                   {"total_bytes", progress.total_bytes},
                   {"bytes_per_second", progress.bytes_per_second}};
  if (progress.seconds_left) record.fields.push_back({"seconds_left", *progress.seconds_left});
  log(record);
}

std::function<void(std::int64_t, std::int64_t)> import_meter(const std::string& name, ImportProgress::Stage stage,
                                                             std::function<void(const ImportProgress&)> on_progress,
                                                             Clock& clock) {
  const auto tell = [name, stage, on_progress = std::move(on_progress)](const PullProgress& now) {
    const ImportProgress progress{stage, name, now.bytes, now.total_bytes, now.bytes_per_second, now.seconds_left};
    log_import_progress(progress);
    if (on_progress) on_progress(progress);
  };
  return [tell, name, &clock, meter = std::shared_ptr<PullMeter>()](std::int64_t bytes, std::int64_t total) mutable {
    if (!meter) {
      meter = std::make_shared<PullMeter>(tell, total, clock);
      meter->begin(name, 0);
    }
    meter->count(PullProgress::Stage::downloading, bytes);
  };
}

}  // namespace abstractllm
