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
      {"filter.language.min_score", "", 0, 1},
      {"filter.gopher_quality.max_hash_ratio", "", 0},
      {"filter.gopher_quality.max_ellipsis_ratio", "", 0},
      {"filter.gopher_quality.max_bullet_lines", "", 0, 1},
      {"filter.gopher_quality.max_ellipsis_lines", "", 0, 1},
      {"filter.gopher_quality.min_alphabetic_words", "", 0, 1},
      {"filter.gopher_repetition.max_duplicate_lines", "", 0, 1},
      {"filter.gopher_repetition.max_duplicate_paragraphs", "", 0, 1},
      {"filter.gopher_repetition.max_duplicate_line_characters", "", 0, 1},
      {"filter.gopher_repetition.max_duplicate_paragraph_characters", "", 0, 1},
      {"filter.fineweb.min_terminal_lines", "", 0, 1},
      {"filter.fineweb.max_short_lines", "", 0, 1},
      {"filter.fineweb.max_duplicate_line_characters", "", 0, 1},
      {"filter.fineweb.max_newlines_per_word", "", 0},
      {"filter.c4.min_code_lines", "", 0, 1},
      {"persona.max_personas", "3", 1, 8},
      {"persona.min_confidence", "", 0, 1},
      {"generator.max_answer_words", "", 1, 40},
      {"generator.min_question_words", "", 3, 100},
      {"generator.max_question_words", "", 3, 100},
      {"generator.min_score", "", 0, 1},
      {"generator.questions_per_persona", "1", 1, 4},
      {"verifier.max_answer_words", "", 1, 200},
      {"verifier.min_question_words", "", 1, 200},
      {"verifier.max_question_words", "", 1, 200},
      {"verifier.max_leaked_share", "", 0, 1},
      {"verifier.decontamination.ngram_words", "", 5, 50},
      {"verifier.decontamination.short_ngram_words", "", 3, 50},
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
