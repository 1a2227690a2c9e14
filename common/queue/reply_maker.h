#pragma once

struct redisContext;

namespace quern::queue {

// From now on redisGetReply gives a Reply for each reply of this connection, made by `new`, where it would give a
// redisReply: what Redis sends is copied once.
void MakeReplies(redisContext* context);

}  // namespace quern::queue
