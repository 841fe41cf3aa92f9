#ifndef SHARDMETER_CLINUX_H
#define SHARDMETER_CLINUX_H

// What Glibc's Swift module map does not show: epoll, eventfd, timerfd, and the GNU extensions below. The wrappers
// exist because `_GNU_SOURCE` may not be defined in a header that Swift imports (its enums would then differ from those
// of the Glibc module). No policy lives here: arguments and results are those of the call wrapped, -1 with errno.

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

/// `accept4(2)` with `SOCK_NONBLOCK | SOCK_CLOEXEC`; the peer's address is not asked for.
int clinux_accept(int listener);

/// `epoll_pwait2(2)` without a signal mask; a negative `nanoseconds` waits for ever. Made as a raw system call, because
/// a C library older than 2.35 has no wrapper for it while the kernel may well have the call (5.11).
int clinux_epoll_wait_ns(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds);

/// The processors the calling thread may run on, ascending. Returns how many there are, which may exceed `capacity`.
int clinux_affinity(int *processors, int capacity);

/// `prctl(PR_SET_TIMERSLACK)` for the calling thread; 1 is the least.
int clinux_set_timer_slack(unsigned long nanoseconds);

/// `malloc_trim(3)`: free memory inside the heap goes back to the system too. Nothing where the C library has no such call.
void clinux_trim_memory(void);

#endif
