#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace quern {

// One JSON object a line on stderr: time, level, process, message, then the event's fields. A message is a constant, so
// that people can count it; what varies goes into fields. Never log document text, questions, answers or secrets. Plain
// spdlog calls come out in the same format. Thread-safe.

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
      : json_(Encode(key, std::to_string(value))) {}

  // `"key":value`.
  const std::string& json() const { return json_; }

 private:
  static std::string Encode(std::string_view key, std::string_view json_value);

  std::string json_;
};

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Sends spdlog's default logger to stderr as JSON lines. Called once, before other threads start. Without it logs come
// out in spdlog's own format, at level info.
void InitLogging(std::string_view process, LogLevel level);

// The same, with a file that lines are appended to instead of stderr, for a process whose stderr is for people. A file
// that cannot be written leaves stderr.
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
