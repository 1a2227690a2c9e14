#include "common/llm/reply_cache_files.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"

namespace quern::llm {
namespace {

// Under a key that no reply has: what these files are. Raised when older programs could not read what newer ones write.
constexpr std::string_view kFormatKey = "quern reply cache";
constexpr std::string_view kFormat = "1";
// Transactions that read at once, over all processes.
constexpr unsigned kMaxReaders = 2048;
constexpr mdb_mode_t kFileMode = 0660;
// Every so many writes the places of readers that were killed are taken back.
constexpr uint64_t kWritesBetweenChecks = 64;
constexpr char kMapResized[] = "MAP_RESIZED";

MDB_val Val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }

std::string_view View(const MDB_val& value) { return {static_cast<const char*>(value.mv_data), value.mv_size}; }

// What goes wrong with a cache that is in use; the caller logs it.
absl::Status LmdbError(int error) {
  if (error == MDB_MAP_FULL) return MakeError(absl::StatusCode::kResourceExhausted, "REPLY_CACHE_FULL", "it is full");
  if (error == MDB_MAP_RESIZED) return MakeError(absl::StatusCode::kAborted, kMapResized, mdb_strerror(error));
  return MakeError(absl::StatusCode::kInternal, "REPLY_CACHE_FAILED", mdb_strerror(error));
}

}  // namespace

void ReplyCacheFiles::CloseEnvironment::operator()(MDB_env* environment) const { mdb_env_close(environment); }
void ReplyCacheFiles::AbortTransaction::operator()(MDB_txn* transaction) const { mdb_txn_abort(transaction); }
ReplyCacheFiles::~ReplyCacheFiles() = default;

absl::StatusOr<std::unique_ptr<ReplyCacheFiles>> ReplyCacheFiles::Open(const std::string& folder, uint64_t max_bytes) {
  auto files = std::unique_ptr<ReplyCacheFiles>(new ReplyCacheFiles(folder, max_bytes));
  QUERN_RETURN_IF_ERROR(files->OpenEnvironment());
  QUERN_RETURN_IF_ERROR(files->CheckLength());
  QUERN_RETURN_IF_ERROR(files->CheckFormat());
  return files;
}

absl::Status ReplyCacheFiles::Unusable(int error) const {
  std::string why;
  if (error == MDB_INVALID || error == MDB_VERSION_MISMATCH || error == MDB_CORRUPTED || error == MDB_PAGE_NOTFOUND ||
      error == MDB_BAD_DBI || error == MDB_INCOMPATIBLE) {
    why = absl::StrCat("its data.mdb is damaged or no reply cache (", mdb_strerror(error),
                       "); remove data.mdb and lock.mdb to begin anew, or name another folder");
  } else {
    why = absl::StrCat(mdb_strerror(error), "; it must be a folder of a local disk that this process may write");
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, "INVALID_CONFIG",
                   absl::StrCat("the reply cache ", folder_, " cannot be used: ", why));
}

absl::Status ReplyCacheFiles::OpenEnvironment() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return Unusable(error.value());
  MDB_env* environment = nullptr;
  if (const int rc = mdb_env_create(&environment); rc != 0) return Unusable(rc);
  environment_.reset(environment);
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  mdb_env_set_mapsize(environment, (max_bytes_ + page - 1) / page * page);
  mdb_env_set_maxreaders(environment, kMaxReaders);
  // Coroutines read on whatever thread they run (NOTLS); prompts come in no order (NORDAHEAD); after a power failure
  // the last commit may be missing, and nothing else (NOMETASYNC).
  const int rc = mdb_env_open(environment, folder_.c_str(), MDB_NOTLS | MDB_NORDAHEAD | MDB_NOMETASYNC, kFileMode);
  if (rc != 0) return Unusable(rc);
  int dead = 0;
  mdb_reader_check(environment, &dead);
  return absl::OkStatus();
}

uint64_t ReplyCacheFiles::BytesInUse() const {
  MDB_envinfo info;
  MDB_stat stat;
  if (mdb_env_info(environment_.get(), &info) != 0 || mdb_env_stat(environment_.get(), &stat) != 0) return 0;
  return (uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
}

absl::Status ReplyCacheFiles::CheckLength() const {
  // No transaction ends while this one may write.
  MDB_txn* begun = nullptr;
  if (const int rc = mdb_txn_begin(environment_.get(), nullptr, 0, &begun); rc != 0) return Unusable(rc);
  const Transaction transaction(begun);
  mdb_filehandle_t fd = -1;
  struct stat file = {};
  MDB_envinfo info;
  if (const int rc = mdb_env_get_fd(environment_.get(), &fd); rc != 0) return Unusable(rc);
  if (const int rc = mdb_env_info(environment_.get(), &info); rc != 0) return Unusable(rc);
  if (fstat(fd, &file) != 0) return Unusable(errno);
  const auto length = static_cast<uint64_t>(file.st_size);
  // A read beyond the end of a file that was cut would end the process.
  if (length < BytesInUse()) return Unusable(MDB_CORRUPTED);
  if (length < info.me_mapsize && ftruncate(fd, static_cast<off_t>(info.me_mapsize)) != 0) return Unusable(errno);
  return absl::OkStatus();
}

absl::Status ReplyCacheFiles::CheckFormat() {
  absl::ReaderMutexLock lock(&map_mutex_);
  MDB_txn* begun = nullptr;
  if (const int rc = mdb_txn_begin(environment_.get(), nullptr, 0, &begun); rc != 0) return Unusable(rc);
  Transaction transaction(begun);
  if (const int rc = mdb_dbi_open(begun, nullptr, 0, &database_); rc != 0) return Unusable(rc);
  MDB_stat stat;
  if (const int rc = mdb_stat(begun, database_, &stat); rc != 0) return Unusable(rc);
  MDB_val key = Val(kFormatKey);
  MDB_val value = Val(kFormat);
  if (stat.ms_entries == 0) {
    if (const int rc = mdb_put(begun, database_, &key, &value, 0); rc != 0) return Unusable(rc);
    const int rc = mdb_txn_commit(transaction.release());
    return rc == 0 ? absl::OkStatus() : Unusable(rc);
  }
  const int rc = mdb_get(begun, database_, &key, &value);
  if (rc == MDB_NOTFOUND) return Unusable(MDB_INVALID);
  if (rc != 0) return Unusable(rc);
  if (View(value) == kFormat) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "INVALID_CONFIG",
      absl::StrCat("the reply cache ", folder_, " has format ", AbslView(View(value)),
                   ", and this program reads format ", AbslView(kFormat), "; remove the folder or name another one"));
}

absl::StatusOr<ReplyCacheFiles::Transaction> ReplyCacheFiles::Begin(unsigned flags) {
  MDB_txn* begun = nullptr;
  int rc = mdb_txn_begin(environment_.get(), nullptr, flags, &begun);
  if (rc == MDB_READERS_FULL) {
    int dead = 0;
    mdb_reader_check(environment_.get(), &dead);
    rc = mdb_txn_begin(environment_.get(), nullptr, flags, &begun);
  }
  if (rc != 0) return LmdbError(rc);
  return Transaction(begun);
}

absl::Status ReplyCacheFiles::GrowMap() {
  absl::MutexLock lock(&map_mutex_);
  const int rc = mdb_env_set_mapsize(environment_.get(), 0);
  return rc == 0 ? absl::OkStatus() : LmdbError(rc);
}

absl::StatusOr<std::optional<std::string>> ReplyCacheFiles::Read(const std::string& key) {
  while (true) {
    {
      absl::ReaderMutexLock lock(&map_mutex_);
      absl::StatusOr<Transaction> transaction = Begin(MDB_RDONLY);
      if (transaction.ok()) {
        MDB_val name = Val(key);
        MDB_val value;
        const int rc = mdb_get(transaction->get(), database_, &name, &value);
        if (rc == MDB_NOTFOUND) return std::nullopt;
        if (rc != 0) return LmdbError(rc);
        return std::string(View(value));
      }
      if (ErrorReason(transaction.status()) != kMapResized) return transaction.status();
    }
    QUERN_RETURN_IF_ERROR(GrowMap());
  }
}

absl::Status ReplyCacheFiles::Write(const Records& records) {
  if (++writes_ % kWritesBetweenChecks == 0) {
    int dead = 0;
    mdb_reader_check(environment_.get(), &dead);
  }
  while (true) {
    absl::Status status;
    {
      absl::ReaderMutexLock lock(&map_mutex_);
      status = WriteOnce(records);
    }
    if (ErrorReason(status) != kMapResized) return status;
    QUERN_RETURN_IF_ERROR(GrowMap());
  }
}

absl::Status ReplyCacheFiles::WriteOnce(const Records& records) {
  if (BytesInUse() >= max_bytes_) return LmdbError(MDB_MAP_FULL);
  QUERN_ASSIGN_OR_RETURN(Transaction transaction, Begin(0));
  for (const auto& [key, record] : records) {
    MDB_val name = Val(key);
    MDB_val value = Val(record);
    const int rc = mdb_put(transaction.get(), database_, &name, &value, 0);
    if (rc != 0) return LmdbError(rc);
  }
  const int rc = mdb_txn_commit(transaction.release());
  return rc == 0 ? absl::OkStatus() : LmdbError(rc);
}

}  // namespace quern::llm
