#include "common/llm/reply_record.h"

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

#include "common/base/hash.h"

namespace quern::llm {
namespace {

using Json = nlohmann::json;

template <typename T>
void Take(const Json& object, const char* name, T* field) {
  const auto at = object.find(name);
  if (at != object.end()) *field = at->get<T>();
}

}  // namespace

std::string ReplyRecord(const CachedReply& reply) {
  Json object = {{"text", reply.text},
                 {"finish_reason", reply.finish_reason},
                 {"model", reply.model},
                 {"input", reply.usage.input},
                 {"cached", reply.usage.cached},
                 {"output", reply.usage.output},
                 {"estimated", reply.usage.estimated}};
  std::string record(sizeof(uint64_t), '\0');
  Json::to_cbor(object, record);
  const uint64_t checksum = Hash64(std::string_view(record).substr(sizeof(uint64_t)));
  std::memcpy(record.data(), &checksum, sizeof(checksum));
  return record;
}

std::optional<CachedReply> ReadReplyRecord(std::string_view record) {
  uint64_t checksum = 0;
  if (record.size() < sizeof(checksum)) return std::nullopt;
  std::memcpy(&checksum, record.data(), sizeof(checksum));
  record.remove_prefix(sizeof(checksum));
  if (checksum != Hash64(record)) return std::nullopt;
  CachedReply reply;
  // Another version's record may hold other types under our names.
  try {
    const Json object = Json::from_cbor(record);
    Take(object, "text", &reply.text);
    Take(object, "finish_reason", &reply.finish_reason);
    Take(object, "model", &reply.model);
    Take(object, "input", &reply.usage.input);
    Take(object, "cached", &reply.usage.cached);
    Take(object, "output", &reply.usage.output);
    Take(object, "estimated", &reply.usage.estimated);
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return reply;
}

}  // namespace quern::llm
