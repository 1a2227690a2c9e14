#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace quern {

// One JSON object a line on stderr, or a line of text for people: time, level, process, message, then the event's
// fields. A message is a constant, so that people can count it; what varies goes into fields. Never log document text,
// questions, answers or secrets. Plain spdlog calls come out in the same format. Thread-safe.

// One field of an event.
class LogField {
 public:
  LogField(std::string_view key, std::string_view value);
  LogField(std::string_view key, const char* value) : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, const std::string& value) : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, bool value);
  LogField(std::string_view key, double value);
  // In seconds.
  LogField(std::string_view key, absl::Duration value);
  // The error's code, reason and message in one string.
  LogField(std::string_view key, const absl::Status& value);
  template <std::integral T>
  requires(!std::same_as<T, bool>) LogField(std::string_view key, T value)
      : LogField(key, std::to_string(value), Json()) {}

  const std::string& key() const { return key_; }
  // In JSON.
  const std::string& value() const { return value_; }

 private:
  struct Json {};
  LogField(std::string_view key, std::string value, Json) : key_(key), value_(std::move(value)) {}

  std::string key_;
  std::string value_;
};

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kJson, kText };

// Sends spdlog's default logger to stderr in this format. Called once, before other threads start. Without it logs come
// out in spdlog's own format, at level info.
void InitLogging(std::string_view process, LogLevel level, LogFormat format = LogFormat::kJson);

// The same in JSON, with a file that lines are appended to instead of stderr, for a process whose stderr is for people.
// A file that cannot be written leaves stderr.
void InitLoggingToFile(std::string_view process, LogLevel level, const std::string& file);

// Logs an event. At most 10 events with the same message in 10 s come out; the next one after that says in `suppressed`
// how many did not.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

inline void LogDebug(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kDebug, message, fields);
}
inline void LogInfo(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kInfo, message, fields);
}
inline void LogWarning(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kWarning, message, fields);
}
inline void LogError(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kError, message, fields);
}

}  // namespace quern
