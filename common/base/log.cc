#include "common/base/log.h"

#include <spdlog/formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "common/base/error.h"

namespace quern {
namespace {

// Leads a payload that is in the logger's format already.
constexpr char kFormatted = '\x1e';
constexpr int kBurst = 10;
constexpr absl::Duration kWindow = absl::Seconds(10);

void AppendEscaped(std::string_view text, std::string* out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      *out += c;
    }
  }
}

void AppendQuoted(std::string_view text, std::string* out) {
  *out += '"';
  AppendEscaped(text, out);
  *out += '"';
}

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendQuoted(text, &quoted);
  return quoted;
}

const char* LevelName(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::info:
      return "info";
    case spdlog::level::warn:
      return "warning";
    default:
      return "error";
  }
}

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// What Log is asked for and what a formatter makes of it have to fit.
LogFormat g_format = LogFormat::kJson;

// Leaves a plain word as it is.
void AppendTextValue(std::string_view json, std::string* out) {
  const auto plain = [](unsigned char c) { return c > ' ' && c != '"' && c != '\\' && c != '='; };
  const bool quoted = json.size() > 2 && json.front() == '"';
  const std::string_view inner = quoted ? json.substr(1, json.size() - 2) : json;
  out->append(quoted && std::all_of(inner.begin(), inner.end(), plain) ? inner : json);
}

// Writes a line for people: "2026-11-28 12:30:45.678 warning quern-filter message  key=value", in UTC.
class TextFormatter : public spdlog::formatter {
 public:
  explicit TextFormatter(std::string process) : process_(std::move(process)) {}

  void format(const spdlog::details::log_msg& event, spdlog::memory_buf_t& out) override {
    std::string line = absl::StrFormat(
        "%s %-7s %s ", absl::FormatTime("%Y-%m-%d %H:%M:%E3S", absl::FromChrono(event.time), absl::UTCTimeZone()),
        LevelName(event.level), process_);
    std::string_view payload(event.payload.data(), event.payload.size());
    if (!payload.empty() && payload.front() == kFormatted) {
      line += payload.substr(1);
    } else {
      AppendEscaped(payload, &line);
    }
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<TextFormatter>(process_); }

 private:
  const std::string process_;
};

// Writes a JSON object a line.
class JsonFormatter : public spdlog::formatter {
 public:
  explicit JsonFormatter(std::string process) : process_(std::move(process)) {}

  void format(const spdlog::details::log_msg& event, spdlog::memory_buf_t& out) override {
    std::string line =
        absl::StrFormat("{\"time\":\"%s\",\"level\":\"%s\",\"process\":\"%s\",",
                        absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromChrono(event.time), absl::UTCTimeZone()),
                        LevelName(event.level), process_);
    const std::string_view payload(event.payload.data(), event.payload.size());
    if (!payload.empty() && payload.front() == kFormatted) {
      line += payload.substr(1);
    } else {
      absl::StrAppend(&line, "\"message\":");
      AppendQuoted(payload, &line);
    }
    line += "}\n";
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(process_); }

 private:
  const std::string process_;
};

// Lets kBurst events of a message through in each window. Messages are constants, so the map stays small. Thread-safe.
class RepeatLimit {
 public:
  // Null: drop this one. Otherwise how many were dropped since the last that came out.
  std::unique_ptr<int64_t> Admit(std::string_view message) {
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mutex_);
    auto found = windows_.find(message);
    if (found == windows_.end()) found = windows_.emplace(message, Window{now, 0, 0}).first;
    Window& window = found->second;
    if (now - window.begin >= kWindow) {
      window.begin = now;
      window.admitted = 0;
    }
    if (window.admitted == kBurst) {
      ++window.dropped;
      return nullptr;
    }
    ++window.admitted;
    return std::make_unique<int64_t>(std::exchange(window.dropped, 0));
  }

 private:
  struct Window {
    absl::Time begin;
    int admitted;
    int64_t dropped;
  };

  absl::Mutex mutex_;
  std::map<std::string, Window, std::less<>> windows_ ABSL_GUARDED_BY(mutex_);
};

RepeatLimit& Limit() {
  static RepeatLimit& limit = *new RepeatLimit;
  return limit;
}

void SetLogger(std::string_view process, LogLevel level, LogFormat format, spdlog::sink_ptr sink) {
  g_format = format;
  auto logger = std::make_shared<spdlog::logger>("quern", std::move(sink));
  if (format == LogFormat::kText) {
    logger->set_formatter(std::make_unique<TextFormatter>(std::string(process)));
  } else {
    logger->set_formatter(std::make_unique<JsonFormatter>(std::string(process)));
  }
  logger->set_level(SpdlogLevel(level));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

std::string TextPayload(std::string_view message, const std::vector<LogField>& fields) {
  std::string payload(1, kFormatted);
  AppendEscaped(message, &payload);
  for (const LogField& field : fields) {
    absl::StrAppend(&payload, "  ", field.key(), "=");
    AppendTextValue(field.value(), &payload);
  }
  return payload;
}

std::string JsonPayload(std::string_view message, const std::vector<LogField>& fields) {
  std::string payload(1, kFormatted);
  payload += "\"message\":";
  AppendQuoted(message, &payload);
  for (const LogField& field : fields) {
    payload += ',';
    AppendQuoted(field.key(), &payload);
    absl::StrAppend(&payload, ":", field.value());
  }
  return payload;
}

}  // namespace

LogField::LogField(std::string_view key, std::string_view value) : LogField(key, Quoted(value), Json()) {}
LogField::LogField(std::string_view key, bool value) : LogField(key, value ? "true" : "false", Json()) {}
LogField::LogField(std::string_view key, double value)
    : LogField(key, std::isfinite(value) ? absl::StrCat(value) : "null", Json()) {}
LogField::LogField(std::string_view key, absl::Duration value) : LogField(key, absl::ToDoubleSeconds(value)) {}
LogField::LogField(std::string_view key, const absl::Status& value)
    : LogField(key, std::string_view(absl::StrFormat("%s %s: %s", absl::StatusCodeToString(value.code()),
                                                     ErrorReason(value), value.message()))) {}

void InitLogging(std::string_view process, LogLevel level, LogFormat format) {
  SetLogger(process, level, format, std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

void InitLoggingToFile(std::string_view process, LogLevel level, const std::string& file) {
  try {
    SetLogger(process, level, LogFormat::kJson, std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
  } catch (const spdlog::spdlog_ex&) {
    InitLogging(process, level);
    Log(LogLevel::kWarning, "cannot write the log file", {{"file", file}});
  }
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!spdlog::should_log(SpdlogLevel(level))) return;
  const auto dropped = Limit().Admit(message);
  if (dropped == nullptr) return;
  std::vector<LogField> all(fields);
  if (*dropped > 0) all.emplace_back("suppressed", *dropped);
  const std::string payload = g_format == LogFormat::kText ? TextPayload(message, all) : JsonPayload(message, all);
  spdlog::default_logger_raw()->log(SpdlogLevel(level), payload);
}

}  // namespace quern
