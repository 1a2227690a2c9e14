#include "clients/cli/run_state.h"

#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/config/spec_difference.h"
#include "common/base/error.h"
#include "common/dataset/disk.h"
#include "common/dataset/manifest.h"

namespace quern::cli {
namespace {

constexpr char kFile[] = "run.json";

// Folders and files that `quern run` itself makes before run.json.
bool Ours(const std::string& name) {
  return name == "run.lock" || name == "stdin" || name == "stdin.tmp" || name == "quern.log" || name == "run.json.tmp";
}

absl::Status OtherJob(const std::string& dir, const std::string& why) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "OTHER_JOB",
                   absl::StrCat(dir, " ", why, "; choose another --output, or remove the folder"));
}

absl::StatusOr<RunState> FromJson(const nlohmann::json& json) {
  RunState state;
  state.job_id = json.at("job").get<std::string>();
  state.spec_hash = json.at("spec_hash").get<std::string>();
  state.redis = json.at("redis").get<std::string>();
  for (const nlohmann::json& source : json.at("sources")) {
    state.sources.emplace_back(source.at("name").get<std::string>(), source.at("bytes").get<uint64_t>());
  }
  if (json.contains("limit")) state.limit = json.at("limit").get<uint64_t>();
  if (json.contains("left")) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    const std::string text = json.at("left").dump();
    if (!google::protobuf::util::JsonStringToMessage(text, &state.left.emplace(), options).ok()) {
      return absl::DataLossError("left");
    }
  }
  return state;
}

std::string WithoutPassword(const std::string& url) {
  constexpr std::string_view kScheme = "redis://";
  const size_t at = url.rfind('@');
  if (url.rfind(kScheme, 0) != 0 || at == std::string::npos) return url;
  return std::string(kScheme) + url.substr(at + 1);
}

// In what `spec` differs from the one of the dataset in `dir`; "" when that has none to compare with yet.
std::string DifferenceText(const std::string& dir, const v1::JobSpec& spec) {
  std::ifstream file(std::filesystem::path(dir) / dataset::Manifest::kSpecFileName);
  std::stringstream text;
  text << file.rdbuf();
  v1::JobSpec found;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!file || !google::protobuf::util::JsonStringToMessage(text.str(), &found, options).ok()) return "";
  const std::string difference = config::SpecDifference(found, spec);
  return difference.empty() ? "" : absl::StrCat(" (", difference, ")");
}

}  // namespace

RunState MakeRunState(const std::string& job_id, const std::string& spec_hash, const std::string& redis,
                      const dataset::Corpus& corpus, std::optional<uint64_t> limit) {
  RunState state{job_id, spec_hash, WithoutPassword(redis), {}, limit, std::nullopt};
  for (const dataset::Source& source : corpus.sources) state.sources.emplace_back(source.name, source.bytes);
  return state;
}

absl::StatusOr<std::optional<RunState>> ReadRunState(const std::string& dir) {
  const std::string path = (std::filesystem::path(dir) / kFile).string();
  std::ifstream file(path);
  if (!file) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
      if (!Ours(entry.path().filename().string())) return OtherJob(dir, "is not empty and holds no run of quern");
    }
    return std::nullopt;
  }
  std::stringstream text;
  text << file.rdbuf();
  try {
    absl::StatusOr<RunState> state = FromJson(nlohmann::json::parse(text.str()));
    if (state.ok()) return *std::move(state);
  } catch (const nlohmann::json::exception&) {
  }
  return MakeError(absl::StatusCode::kDataLoss, "BAD_RUN_STATE",
                   path + " is damaged; the dataset itself may be whole, but the run cannot be resumed");
}

absl::Status WriteRunState(const std::string& dir, const RunState& state) {
  nlohmann::ordered_json json = {{"job", state.job_id}, {"spec_hash", state.spec_hash}, {"redis", state.redis}};
  if (state.limit) json["limit"] = *state.limit;
  json["sources"] = nlohmann::ordered_json::array();
  for (const auto& [name, bytes] : state.sources) json["sources"].push_back({{"name", name}, {"bytes", bytes}});
  if (state.left) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string left;
    if (!google::protobuf::util::MessageToJsonString(*state.left, &left, options).ok()) {
      return absl::InternalError("the job has no JSON");
    }
    json["left"] = nlohmann::ordered_json::parse(left);
  }
  using Json = nlohmann::ordered_json;
  dataset::Disk disk;
  return dataset::ReplaceFile(disk, dir, kFile, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

absl::Status CheckSameRun(const RunState& found, const RunState& wanted, const v1::JobSpec& spec,
                          const std::string& dir) {
  if (found.job_id != wanted.job_id) return OtherJob(dir, absl::StrCat("holds the job '", found.job_id, "'"));
  if (found.spec_hash != wanted.spec_hash) {
    return OtherJob(dir, absl::StrCat("holds a run with another spec", DifferenceText(dir, spec)));
  }
  if (found.limit != wanted.limit) return OtherJob(dir, "holds a run with another --limit");
  if (found.redis != wanted.redis) return OtherJob(dir, "holds a run with another --redis");
  if (found.sources.size() != wanted.sources.size()) {
    return OtherJob(
        dir, absl::StrCat("holds a run of ", found.sources.size(), " sources, not of these ", wanted.sources.size()));
  }
  for (size_t i = 0; i < found.sources.size(); ++i) {
    if (found.sources[i].first != wanted.sources[i].first) {
      return OtherJob(dir, absl::StrCat("holds a run of other inputs: ", found.sources[i].first, ", not ",
                                        wanted.sources[i].first));
    }
    if (found.sources[i].second != wanted.sources[i].second) {
      return OtherJob(dir, absl::StrCat("holds a run of ", found.sources[i].first, " when that had ",
                                        found.sources[i].second, " bytes, not ", wanted.sources[i].second));
    }
  }
  return absl::OkStatus();
}

}  // namespace quern::cli
