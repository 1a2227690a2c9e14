#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/queue/redis.h"

namespace quern::queue {

// The pairs of a reply of HGETALL.
std::map<std::string, std::string> FieldsOf(const Reply& reply);

// A decimal number of Redis, or 0 for anything else.
int64_t NumberOf(std::string_view text);

// An integer reply or a string that holds one, or 0.
int64_t NumberOf(const Reply& reply);

// When Redis wrote an entry of a stream (milliseconds of its clock), by the entry's id; 0 for what is no such id.
int64_t WrittenMs(std::string_view entry_id);

}  // namespace quern::queue
