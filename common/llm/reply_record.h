#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/llm/reply_cache.h"

namespace quern::llm {

// A cached reply as bytes: a checksum, then CBOR with named fields, so that later ones can be added.
std::string ReplyRecord(const CachedReply& reply);

// The reply; nullopt where the bytes are not those that were written.
std::optional<CachedReply> ReadReplyRecord(std::string_view record);

}  // namespace quern::llm
