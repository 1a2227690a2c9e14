#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quern {

// What W3C trace context calls the header, in HTTP and in gRPC metadata.
inline constexpr char kTraceparent[] = "traceparent";

// Under which trace something is done (https://www.w3.org/TR/trace-context/).
struct TraceContext {
  // 32 lowercase hexadecimal digits, not all zero.
  std::string trace_id;
  // Whether the caller records its spans: those who are called are told the same.
  bool sampled = true;
};

// Reads a header's value. Nothing when it is not valid: then the caller began no trace. Versions to come are read as
// far as they are known.
std::optional<TraceContext> ParseTraceparent(std::string_view value);

// The header for one call that is made under `context`, as version 00, with a new random span id.
std::string NewTraceparent(const TraceContext& context);

// A trace that nobody has begun.
TraceContext NewTrace();

// The trace id of a job's document that brings none: XXH3-128 of "{job id}/{document id}". It is stored nowhere, so
// that everybody can compute it.
std::string DerivedTraceId(std::string_view job_id, std::string_view document_id);

// The trace of a job's document: that of its traceparent where that is valid, else the derived one.
TraceContext TraceOfDocument(std::string_view job_id, std::string_view document_id, std::string_view traceparent);

}  // namespace quern
