#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "common/dataset/disk.h"

namespace quern::dataset {

// A disk that is full at one step, or on which the process dies there. Steps are counted from 1 over all calls.
class FaultyDisk : public Disk {
 public:
  enum class Fault { kNone, kFull, kKill };

  FaultyDisk(Fault fault, int at) : fault_(fault), at_(at) {}

  int steps() const { return step_; }

  absl::Status WriteFile(const std::string& path, std::string_view bytes) override {
    if (!IsDue()) return Disk::WriteFile(path, bytes);
    // Half of it gets there.
    Disk::WriteFile(path, bytes.substr(0, bytes.size() / 2)).IgnoreError();
    return Strike(path);
  }
  absl::Status JoinFiles(const std::vector<std::string>& from, const std::string& to) override {
    if (!IsDue()) return Disk::JoinFiles(from, to);
    Disk::JoinFiles({from.front()}, to).IgnoreError();
    return Strike(to);
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    return IsDue() ? Strike(to) : Disk::Rename(from, to);
  }
  absl::Status SyncFolder(const std::string& path) override { return IsDue() ? Strike(path) : Disk::SyncFolder(path); }
  absl::Status Remove(const std::string& path) override {
    // Making room needs none; a process can die there, though.
    if (fault_ == Fault::kFull) return Disk::Remove(path);
    return IsDue() ? Strike(path) : Disk::Remove(path);
  }

 private:
  bool IsDue() { return ++step_ == at_ && fault_ != Fault::kNone; }

  absl::Status Strike(const std::string& path) const {
    if (fault_ == Fault::kKill) ::_exit(9);
    return DiskError("writing", path, ENOSPC);
  }

  const Fault fault_;
  const int at_;
  int step_ = 0;
};

}  // namespace quern::dataset
