#include "common/dataset/json_line.h"

#include <simdjson.h>

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/base/hash.h"
#include "common/dataset/document_rules.h"
#include "common/dataset/json_metadata.h"
#include "common/dataset/json_text.h"
#include "common/dataset/line_reader.h"
#include "common/text/utf8.h"

namespace quern::dataset {
namespace {

using simdjson::dom::element;

constexpr std::string_view kSourceField = "source";
constexpr size_t kFirstCapacity = 1 << 20;

static_assert(LineReader::kPadding >= simdjson::SIMDJSON_PADDING);

InputFault Duplicate(std::string_view what) {
  return {"DUPLICATE_KEY", absl::StrFormat("the %s appears twice in one object", what)};
}

const char* TypeName(element value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "true or false";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

}  // namespace

class JsonLineParser::Impl {
 public:
  explicit Impl(const InputLimits& limits) : limits_(limits) {}

  std::optional<InputFault> Parse(std::string_view line, Fields* fields) {
    line_ = line;
    quoted_ = false;
    if (auto fault = ParseRepairing()) return fault;
    return Extract(fields);
  }

  std::optional<InputFault> BuildDocument(v1::Document* document) {
    auto fault = Fill(document);
    if (fault || quoted_ || !saw_fraction_) return fault;
    // Some fraction may have more digits than a double holds: look at the text, and build again if so.
    if (!QuoteInexact()) return std::nullopt;
    if (auto again = ParseRepairing()) return again;
    Fields fields;
    if (auto again = Extract(&fields)) return again;
    return Fill(document);
  }

 private:
  // Parses line_; where the options allow a repair or the parser has a limit of its own, in a changed copy.
  std::optional<InputFault> ParseRepairing() {
    if (parser_.capacity() == 0) {
      const simdjson::error_code error = parser_.allocate(kFirstCapacity, kMaxJsonNesting);
      if (error != simdjson::SUCCESS) return Explain(error, false);
    }
    for (;;) {
      const simdjson::error_code error = parser_.parse(line_.data(), line_.size(), false).get(root_);
      const bool surrogate = (error == simdjson::SUCCESS || error == simdjson::STRING_ERROR) &&
                             FindLoneSurrogate(line_) != std::string_view::npos;
      if (error == simdjson::SUCCESS && !surrogate) return std::nullopt;
      if (error == simdjson::UTF8_ERROR && limits_.replace_invalid_utf8) {
        Rework(text::ReplaceInvalidUtf8(line_));
      } else if (surrogate && limits_.replace_invalid_utf8) {
        Rework(ReplaceLoneSurrogates(line_));
      } else if (error != simdjson::NUMBER_ERROR || quoted_ || !QuoteInexact()) {
        return Explain(error, surrogate);
      }
    }
  }

  bool QuoteInexact() {
    quoted_ = true;
    auto quoted = QuoteNumbers(line_, NumbersToQuote::kInexact);
    if (quoted) Rework(std::move(*quoted));
    return quoted.has_value();
  }

  void Rework(std::string line) {
    const size_t size = line.size();
    line.append(LineReader::kPadding, '\0');
    reworked_ = std::move(line);
    line_ = std::string_view(reworked_.data(), size);
  }

  InputFault Explain(simdjson::error_code error, bool surrogate) const {
    if (error == simdjson::UTF8_ERROR) {
      return {"INVALID_UTF8", absl::StrFormat("byte %d of the line is not UTF-8; convert the file, or set "
                                              "input.replace_invalid_utf8",
                                              text::FindInvalidUtf8(line_).value_or(0) + 1)};
    }
    if (surrogate) {
      return {"INVALID_UTF8", absl::StrFormat("the escape at byte %d of the line is half a surrogate pair; set "
                                              "input.replace_invalid_utf8 to replace it",
                                              FindLoneSurrogate(line_) + 1)};
    }
    if (error == simdjson::DEPTH_ERROR) {
      return {"NESTING_TOO_DEEP", absl::StrFormat("objects and arrays are nested more than %d deep", kMaxJsonNesting)};
    }
    if (error == simdjson::MEMALLOC) return {"OUT_OF_MEMORY", "no memory to parse the line"};
    const auto diagnosis = DiagnoseJson(line_);
    if (!diagnosis) return {"INVALID_JSON", simdjson::error_message(error)};
    return {"INVALID_JSON", absl::StrFormat("byte %d of the line: %s", diagnosis->offset + 1, diagnosis->cause)};
  }

  std::optional<InputFault> Extract(Fields* fields) {
    *fields = {};
    has_text_ = has_id_ = has_title_ = has_source_ = false;
    simdjson::dom::object object;
    if (root_.get(object) != simdjson::SUCCESS) {
      return InputFault{"NOT_AN_OBJECT", absl::StrFormat("the line is %s, not an object", TypeName(root_))};
    }
    for (const auto field : object) {
      std::optional<InputFault> fault;
      if (field.key == limits_.text_field) {
        fault = TakeText(field.value, fields);
      } else if (field.key == limits_.id_field) {
        fault = TakeId(field.value, fields);
      } else if (field.key == limits_.title_field) {
        fault = TakeOptional(field.value, "title", &has_title_, &fields->title, fields);
      } else if (field.key == kSourceField) {
        fault = TakeOptional(field.value, "source", &has_source_, &fields->source, fields);
      } else {
        fields->has_metadata = true;
      }
      if (fault) return fault;
    }
    if (!has_text_) {
      return InputFault{"MISSING_TEXT", absl::StrFormat("the object has no field \"%s\"; input.text_field names it",
                                                        limits_.text_field)};
    }
    fields_ = *fields;
    return CheckText(fields->text, limits_);
  }

  std::optional<InputFault> TakeText(element value, Fields* fields) {
    if (std::exchange(has_text_, true)) return Duplicate("text field");
    if (value.get(fields->text) == simdjson::SUCCESS) return std::nullopt;
    return InputFault{"TEXT_NOT_A_STRING", absl::StrFormat("the text field is %s, not a string", TypeName(value))};
  }

  std::optional<InputFault> TakeOptional(element value, std::string_view name, bool* seen, std::string_view* view,
                                         Fields* fields) {
    if (std::exchange(*seen, true)) return Duplicate(absl::StrFormat("%s field", name));
    if (value.get(*view) != simdjson::SUCCESS && !value.is_null()) fields->has_metadata = true;
    return std::nullopt;
  }

  std::optional<InputFault> TakeId(element value, Fields* fields) {
    if (std::exchange(has_id_, true)) return Duplicate("id field");
    if (value.is_null()) return std::nullopt;
    if (value.is_number()) {
      id_ = SpellNumber(value);
      fields->id = id_;
    } else if (value.get(fields->id) != simdjson::SUCCESS) {
      return InputFault{"INVALID_ID", absl::StrFormat("the id is %s, not a string or number", TypeName(value))};
    }
    return CheckId(fields->id);
  }

  // A number as the line spells it: fractions lose their spelling in the parser, so they are parsed again as strings.
  std::string SpellNumber(element value) {
    if (value.is_int64()) return std::to_string(int64_t(value));
    if (value.is_uint64()) return std::to_string(uint64_t(value));
    simdjson::dom::parser parser;
    element root;
    std::string_view id;
    const auto quoted = QuoteNumbers(line_, NumbersToQuote::kAll);
    if (quoted && parser.parse(*quoted).get(root) == simdjson::SUCCESS &&
        root[limits_.id_field].get(id) == simdjson::SUCCESS) {
      return std::string(id);
    }
    return absl::StrFormat("%.17g", double(value));
  }

  std::optional<InputFault> Fill(v1::Document* document) {
    document->Clear();
    document->set_id(fields_.id.empty() ? ContentHash(fields_.text) : std::string(fields_.id));
    document->set_text(fields_.text.data(), fields_.text.size());
    document->set_title(fields_.title.data(), fields_.title.size());
    document->set_source(fields_.source.data(), fields_.source.size());
    saw_fraction_ = false;
    if (!fields_.has_metadata) return std::nullopt;
    MetadataBuilder builder(document->mutable_metadata());
    for (const auto field : simdjson::dom::object(root_)) {
      if (IsKnown(field.key, field.value)) continue;
      switch (builder.Add(field.key, field.value)) {
        case MetadataBuilder::Result::kAdded:
          break;
        case MetadataBuilder::Result::kDuplicateKey:
          return Duplicate("key of a metadata field");
        case MetadataBuilder::Result::kTooLarge:
          return InputFault{
              "METADATA_TOO_LARGE",
              absl::StrFormat("the fields besides text, id and title hold more than %d values or %d bytes",
                              kMaxMetadataValues, kMaxMetadataBytes)};
      }
    }
    saw_fraction_ = builder.saw_fraction();
    return std::nullopt;
  }

  bool IsKnown(std::string_view key, element value) const {
    if (key == limits_.text_field || key == limits_.id_field) return true;
    const bool optional_text = key == limits_.title_field || key == kSourceField;
    return optional_text && (value.is_string() || value.is_null());
  }

  const InputLimits limits_;
  simdjson::dom::parser parser_;
  element root_;
  std::string_view line_;
  std::string reworked_;
  std::string id_;
  Fields fields_;
  bool quoted_ = false;
  bool saw_fraction_ = false;
  bool has_text_ = false;
  bool has_id_ = false;
  bool has_title_ = false;
  bool has_source_ = false;
};

JsonLineParser::JsonLineParser(const InputLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
JsonLineParser::~JsonLineParser() = default;

std::optional<InputFault> JsonLineParser::Parse(std::string_view line, Fields* fields) {
  return impl_->Parse(line, fields);
}

std::optional<InputFault> JsonLineParser::BuildDocument(v1::Document* document) {
  return impl_->BuildDocument(document);
}

}  // namespace quern::dataset
