#include "common/base/config/job_rules.h"

namespace quern::config {
namespace {

constexpr double kMiB = 1 << 20;

}  // namespace

const std::vector<FieldRule>& JobRules() {
  static const std::vector<FieldRule> rules = {
      {"seed", "0"},
      {"input.text_field", "text"},
      {"input.id_field", "id"},
      {"input.title_field", "title"},
      {"input.max_document_bytes", "8MiB", 1, 64 * kMiB},
      {"input.replace_invalid_utf8", "false"},
      {"input.detect_duplicates", "true"},
      {"persona.max_personas", "3", 1, 8},
      {"output.document_text", "true"},
      {"output.max_shard_bytes", "64MiB", 1},
      {"output.max_shard_age", "10s", 0.1},
      {"output.compression_level", "3", 1, 19},
      {"queue.lanes", "1", 1, 64},
      {"queue.max_documents_held", "20000", 1},
      {"queue.max_bytes_held", "256MiB", kMiB},
      {"queue.max_deliveries", "5", 1, 100},
      {"queue.max_attempts", "3", 1, 100},
      {"queue.weight", "1", 1, 100},
  };
  return rules;
}

}  // namespace quern::config
