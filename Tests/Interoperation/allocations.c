// Preloaded into the program: counts, for the thread that sends most, between how many of its sends memory was allocated.
// Written to the file named by ALLOCATIONS as "sends intervals-with-allocations allocations" when the process ends.
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern ssize_t __send(int socket, const void *bytes, size_t length, int flags);

// Sends before this one are not counted: buffers grow, keys are met for the first time.
enum { WARM_UP = 300, MOST_THREADS = 64 };

struct thread {
  long sends, intervals, allocations, before;
};

static struct thread threads[MOST_THREADS];
static int used;
static _Thread_local struct thread *own;
static _Thread_local long allocations;

void *malloc(size_t size) {
  allocations++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocations++;
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  allocations++;
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  allocations++;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  allocations++;
  *memory = __libc_memalign(alignment, size);
  return *memory == NULL ? 12 : 0;
}

ssize_t send(int socket, const void *bytes, size_t length, int flags) {
  if (own == NULL) {
    int place = __atomic_fetch_add(&used, 1, __ATOMIC_RELAXED);
    if (place >= MOST_THREADS) abort();
    own = &threads[place];
  }
  if (++own->sends > WARM_UP && allocations > own->before) {
    own->intervals++;
    own->allocations += allocations - own->before;
  }
  own->before = allocations;
  return __send(socket, bytes, length, flags);
}

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("ALLOCATIONS");
  struct thread *most = &threads[0];
  for (int place = 1; place < used; place++) {
    if (threads[place].sends > most->sends) most = &threads[place];
  }
  FILE *file = path == NULL ? NULL : fopen(path, "w");
  if (file == NULL) return;
  fprintf(file, "%ld %ld %ld\n", most->sends, most->intervals, most->allocations);
  fclose(file);
}
