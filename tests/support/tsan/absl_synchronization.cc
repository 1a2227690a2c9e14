// Tells ThreadSanitizer what Abseil's locks do. Debian's Abseil is not instrumented, so without this every access that
// an absl::Mutex guards would be reported. The linker turns our calls into these (--wrap, see CMakeLists.txt); what
// Abseil itself does in them, evaluating other threads' conditions for example, is ignored, as Abseil's own annotations
// have it.
#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

using absl::BlockingCounter;
using absl::Condition;
using absl::Duration;
using absl::Mutex;
using absl::Notification;

extern "C" {

void __real__ZN4absl7debian35Mutex4LockEv(Mutex* mutex);
void __wrap__ZN4absl7debian35Mutex4LockEv(Mutex* mutex) {
  __tsan_mutex_pre_lock(mutex, 0);
  __real__ZN4absl7debian35Mutex4LockEv(mutex);
  __tsan_mutex_post_lock(mutex, 0, 0);
}

void __real__ZN4absl7debian35Mutex6UnlockEv(Mutex* mutex);
void __wrap__ZN4absl7debian35Mutex6UnlockEv(Mutex* mutex) {
  __tsan_mutex_pre_unlock(mutex, 0);
  __real__ZN4absl7debian35Mutex6UnlockEv(mutex);
  __tsan_mutex_post_unlock(mutex, 0);
}

void __real__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(Mutex* mutex, const Condition& condition);
void __wrap__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(Mutex* mutex, const Condition& condition) {
  __tsan_mutex_pre_unlock(mutex, 0);
  __real__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(mutex, condition);
  __tsan_mutex_post_unlock(mutex, 0);
  __tsan_mutex_pre_lock(mutex, 0);
  __tsan_mutex_post_lock(mutex, 0, 0);
}

bool __real__ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE(Mutex* mutex,
                                                                                     const Condition& condition,
                                                                                     Duration timeout);
bool __wrap__ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE(Mutex* mutex,
                                                                                     const Condition& condition,
                                                                                     Duration timeout) {
  __tsan_mutex_pre_unlock(mutex, 0);
  const bool holds =
      __real__ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE(mutex, condition, timeout);
  __tsan_mutex_post_unlock(mutex, 0);
  __tsan_mutex_pre_lock(mutex, 0);
  __tsan_mutex_post_lock(mutex, 0, 0);
  return holds;
}

void __real__ZN4absl7debian312Notification6NotifyEv(Notification* notification);
void __wrap__ZN4absl7debian312Notification6NotifyEv(Notification* notification) {
  __tsan_release(notification);
  __real__ZN4absl7debian312Notification6NotifyEv(notification);
}

void __real__ZNK4absl7debian312Notification19WaitForNotificationEv(const Notification* notification);
void __wrap__ZNK4absl7debian312Notification19WaitForNotificationEv(Notification* notification) {
  __real__ZNK4absl7debian312Notification19WaitForNotificationEv(notification);
  __tsan_acquire(notification);
}

bool __real__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
    const Notification* notification, Duration timeout);
bool __wrap__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(Notification* notification,
                                                                                           Duration timeout) {
  const bool notified =
      __real__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(notification, timeout);
  if (notified) __tsan_acquire(notification);
  return notified;
}

bool __real__ZN4absl7debian315BlockingCounter14DecrementCountEv(BlockingCounter* counter);
bool __wrap__ZN4absl7debian315BlockingCounter14DecrementCountEv(BlockingCounter* counter) {
  __tsan_release(counter);
  return __real__ZN4absl7debian315BlockingCounter14DecrementCountEv(counter);
}

void __real__ZN4absl7debian315BlockingCounter4WaitEv(BlockingCounter* counter);
void __wrap__ZN4absl7debian315BlockingCounter4WaitEv(BlockingCounter* counter) {
  __real__ZN4absl7debian315BlockingCounter4WaitEv(counter);
  __tsan_acquire(counter);
}

}  // extern "C"
