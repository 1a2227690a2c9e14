#include "common/queue/reply_maker.h"

#include <hiredis/hiredis.h>

#include <memory>

#include "common/queue/redis.h"

namespace quern::queue {
namespace {

// Where the reply of `task` goes: a place of the array that it is an element of, or a new object.
Reply* PlaceOf(const redisReadTask* task) {
  if (task->parent == nullptr) return std::make_unique<Reply>().release();
  return &static_cast<Reply*>(task->parent->obj)->array[static_cast<size_t>(task->idx)];
}

void* MakeString(const redisReadTask* task, char* bytes, size_t size) {
  Reply* reply = PlaceOf(task);
  reply->type = task->type == REDIS_REPLY_ERROR ? Reply::Type::kError : Reply::Type::kString;
  reply->string.assign(bytes, size);
  return reply;
}

// hiredis 1.0 made `size` a size_t.
template <typename Size>
void* MakeArray(const redisReadTask* task, Size size) {
  Reply* reply = PlaceOf(task);
  reply->type = Reply::Type::kArray;
  reply->array.resize(static_cast<size_t>(size));
  return reply;
}

void* MakeInteger(const redisReadTask* task, long long value) {
  Reply* reply = PlaceOf(task);
  reply->type = Reply::Type::kInteger;
  reply->integer = value;
  return reply;
}

void* MakeNil(const redisReadTask* task) { return PlaceOf(task); }

// Only the whole is given up, and its elements with it.
void FreeReply(void* reply) { delete static_cast<Reply*>(reply); }

redisReplyObjectFunctions Functions() {
  redisReplyObjectFunctions functions = {};
  functions.createString = MakeString;
  functions.createArray = MakeArray;
  functions.createInteger = MakeInteger;
  functions.createNil = MakeNil;
  functions.freeObject = FreeReply;
  return functions;
}

}  // namespace

void MakeReplies(redisContext* context) {
  static redisReplyObjectFunctions functions = Functions();
  context->reader->fn = &functions;
#ifdef REDIS_OPT_NO_PUSH_AUTOFREE
  // It would take each reply for a redisReply. Nothing is pushed unless it was asked for.
  redisSetPushCallback(context, nullptr);
#endif
}

}  // namespace quern::queue
