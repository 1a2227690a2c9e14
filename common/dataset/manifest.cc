#include "common/dataset/manifest.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/base/enum_text.h"
#include "common/base/error.h"
#include "common/dataset/line_reader.h"
#include "common/dataset/row_json.h"

namespace quern::dataset {
namespace {

using Json = nlohmann::ordered_json;

Json PartToJson(const ShardPart& part) {
  return {{"number", part.number}, {"lane", part.lane}, {"commit", part.commit}, {"rows", part.rows}};
}

Json ShardToJson(const Shard& shard) {
  Json parts = Json::array();
  for (const ShardPart& part : shard.parts) parts.push_back(PartToJson(part));
  return {{"kind", FolderOf(shard.kind)}, {"file", shard.file()}, {"number", shard.number},
          {"rows", shard.rows},           {"bytes", shard.bytes}, {"parts", std::move(parts)}};
}

// What nlohmann throws on a missing or ill-typed field stops in ManifestFromJson.
ShardPart PartFromJson(const Json& json) {
  return {json.at("number").get<uint64_t>(), json.at("lane").get<uint32_t>(), json.at("commit").get<uint64_t>(),
          json.at("rows").get<uint64_t>()};
}

absl::Status Corrupt(std::string_view why) {
  return MakeError(absl::StatusCode::kDataLoss, "MANIFEST_CORRUPT",
                   absl::StrFormat("the manifest is damaged: %s; restore it from a copy, or make the dataset anew in "
                                   "another folder",
                                   why));
}

std::string TimeToText(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()); }

absl::StatusOr<absl::Time> TimeFromText(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return Corrupt("'" + text + "' is no time");
  return time;
}

absl::StatusOr<Shard> ShardFromJson(const Json& json) {
  Shard shard;
  const auto kind = json.at("kind").get<std::string>();
  bool known = false;
  for (const RowKind candidate : kRowKinds) {
    if (FolderOf(candidate) != kind) continue;
    shard.kind = candidate;
    known = true;
  }
  if (!known) return Corrupt("a shard of unknown kind");
  shard.number = json.at("number").get<uint64_t>();
  shard.rows = json.at("rows").get<uint64_t>();
  shard.bytes = json.at("bytes").get<uint64_t>();
  uint64_t rows = 0;
  for (const Json& part : json.at("parts")) {
    shard.parts.push_back(PartFromJson(part));
    rows += shard.parts.back().rows;
  }
  if (rows != shard.rows || shard.parts.empty()) return Corrupt("a shard's parts do not add up");
  return shard;
}

absl::StatusOr<Manifest> FromJson(const Json& json) {
  Manifest manifest;
  if (json.at("format_version").get<uint32_t>() > Manifest::kFormatVersion) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "DATASET_TOO_NEW",
                     "the dataset was written by a later version of Quern; use that one");
  }
  manifest.job = json.at("job").get<std::string>();
  manifest.spec_hash = json.at("spec_hash").get<std::string>();
  manifest.quern_version = json.at("quern_version").get<std::string>();
  QUERN_ASSIGN_OR_RETURN(manifest.created_at, TimeFromText(json.at("created_at").get<std::string>()));
  QUERN_ASSIGN_OR_RETURN(manifest.written_at, TimeFromText(json.at("written_at").get<std::string>()));
  manifest.next_shard = json.at("next_shard").get<uint64_t>();
  const auto state = EnumValue(*v1::JobState_descriptor(), json.at("state").get<std::string>());
  if (!state) return Corrupt("an unknown state");
  manifest.state = static_cast<v1::JobState>(*state);
  std::string counts = json.at("counts").dump();
  const size_t size = counts.size();
  counts.append(LineReader::kPadding, '\0');
  const absl::Status parsed = ParseRowJson(std::string_view(counts.data(), size), &manifest.counts);
  if (!parsed.ok()) return Corrupt(std::string(parsed.message()));
  for (const Json& lane : json.at("lanes")) {
    manifest.lane_commits[lane.at("lane").get<uint32_t>()] = lane.at("commit").get<uint64_t>();
  }
  for (const Json& shard : json.at("shards")) {
    QUERN_ASSIGN_OR_RETURN(Shard read, ShardFromJson(shard));
    manifest.shards.push_back(std::move(read));
  }
  return manifest;
}

}  // namespace

std::string_view FolderOf(RowKind kind) {
  switch (kind) {
    case RowKind::kRecords:
      return "records";
    case RowKind::kRejections:
      return "rejections";
    case RowKind::kDeadLetters:
      return "dead-letters";
  }
  return {};
}

std::string Shard::file() const { return absl::StrFormat("%s/%06d.jsonl.zst", FolderOf(kind), number); }

uint64_t Manifest::rows(RowKind kind) const {
  uint64_t sum = 0;
  for (const Shard& shard : shards) sum += shard.kind == kind ? shard.rows : 0;
  return sum;
}

std::string ManifestToJson(const Manifest& manifest) {
  std::string counts;
  AppendRowJson(manifest.counts, &counts);
  Json lanes = Json::array();
  for (const auto& [lane, commit] : manifest.lane_commits) lanes.push_back({{"lane", lane}, {"commit", commit}});
  Json shards = Json::array();
  for (const Shard& shard : manifest.shards) shards.push_back(ShardToJson(shard));
  const Json json = {{"format_version", Manifest::kFormatVersion},
                     {"quern_version", manifest.quern_version},
                     {"job", manifest.job},
                     {"spec_hash", manifest.spec_hash},
                     {"created_at", TimeToText(manifest.created_at)},
                     {"written_at", TimeToText(manifest.written_at)},
                     {"state", EnumText(*v1::JobState_descriptor(), manifest.state)},
                     {"counts", Json::parse(counts)},
                     {"next_shard", manifest.next_shard},
                     {"lanes", std::move(lanes)},
                     {"shards", std::move(shards)}};
  return json.dump(1) + "\n";
}

absl::StatusOr<Manifest> ManifestFromJson(std::string_view json) {
  try {
    return FromJson(Json::parse(json));
  } catch (const Json::parse_error& error) {
    return Corrupt(absl::StrFormat("it is no JSON from byte %d on", error.byte));
  } catch (const Json::exception&) {
    return Corrupt("a field is missing or of the wrong type");
  }
}

absl::StatusOr<Manifest> LoadManifest(const std::string& folder) {
  const std::string path = folder + "/" + Manifest::kFileName;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return MakeError(absl::StatusCode::kNotFound, "NO_DATASET",
                     absl::StrFormat("%s: there is no dataset here", folder));
  }
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  auto manifest = ManifestFromJson(json);
  if (!manifest.ok()) return WithContext(manifest.status(), path);
  return manifest;
}

absl::StatusOr<RowPlace> FindRow(const Manifest& manifest, RowKind kind, RowPosition position) {
  for (size_t i = 0; i < manifest.shards.size(); ++i) {
    const Shard& shard = manifest.shards[i];
    if (shard.kind != kind) continue;
    if (position.number == 0) return RowPlace{i, 0};
    uint64_t before = 0;
    for (const ShardPart& part : shard.parts) {
      if (part.number == position.number && position.row <= part.rows) return RowPlace{i, before + position.row};
      before += part.rows;
    }
  }
  if (position.number == 0) return RowPlace{manifest.shards.size(), 0};
  return MakeError(absl::StatusCode::kNotFound, "POSITION_GONE",
                   "the rows of this position were rolled back; read from the beginning");
}

}  // namespace quern::dataset
