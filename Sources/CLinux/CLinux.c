#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The number is the same on every architecture (calls added since 5.1 share their numbers); older headers lack it.
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

int clinux_accept(int listener) {
  return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_epoll_wait_ns(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds) {
  // The kernel's own layout of a time on 64-bit systems, the only ones supported.
  struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  return (int)syscall(SYS_epoll_pwait2, epoll, events, capacity, nanoseconds < 0 ? NULL : &timeout, NULL, 0);
}

int clinux_affinity(int *processors, int capacity) {
  cpu_set_t *set = CPU_ALLOC(8192);
  size_t size = CPU_ALLOC_SIZE(8192);
  if (set == NULL) {
    errno = ENOMEM;
    return -1;
  }
  CPU_ZERO_S(size, set);
  int found = sched_getaffinity(0, size, set);
  if (found == 0) {
    for (int processor = 0; processor < 8192; processor++) {
      if (CPU_ISSET_S(processor, size, set)) {
        if (found < capacity) processors[found] = processor;
        found++;
      }
    }
  }
  CPU_FREE(set);
  return found;
}

int clinux_set_timer_slack(unsigned long nanoseconds) {
  return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}

void clinux_trim_memory(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
