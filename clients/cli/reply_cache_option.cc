#include "clients/cli/reply_cache_option.h"

#include <ostream>

#include "common/base/error.h"
#include "common/stage/models.h"

namespace quern::cli {

absl::StatusOr<std::shared_ptr<llm::ReplyCache>> OpenReplies(const std::string& folder, const v1::JobSpec& spec,
                                                             const std::string& command, const Console& console) {
  if (folder.empty()) return nullptr;
  if (spec.has_reply_cache() && !spec.reply_cache()) {
    *console.err << "quern " << command << ": warning: the spec says reply_cache: false, so --reply-cache is not used"
                 << std::endl;
    return nullptr;
  }
  v1::ReplyCacheConfig config;
  config.set_path(folder);
  absl::StatusOr<std::shared_ptr<llm::ReplyCache>> replies = stage::OpenReplyCache(config);
  if (!replies.ok()) return WithContext(replies.status(), "--reply-cache");
  return replies;
}

}  // namespace quern::cli
