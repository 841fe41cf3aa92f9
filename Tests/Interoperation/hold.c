/* Preloaded: holds the process where it opens, or renames to, a file of the name HOLD_NAME: the file HOLD_MARK says that it
   is there, and it goes on once HOLD_RELEASE exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*open_function)(const char *, int, mode_t);
typedef int (*rename_function)(const char *, const char *);

static void hold(const char *path) {
  const char *name = getenv("HOLD_NAME"), *mark = getenv("HOLD_MARK"), *release = getenv("HOLD_RELEASE");
  const char *slash = strrchr(path, '/');
  if (!name || !mark || !release || strcmp(slash ? slash + 1 : path, name) != 0) return;
  open_function next = (open_function)dlsym(RTLD_NEXT, "open");
  close(next(mark, O_WRONLY | O_CREAT, 0600));
  while (access(release, F_OK) != 0) usleep(1000);
}

static int opened(const char *symbol, const char *path, int flags, va_list rest) {
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  hold(path);
  return ((open_function)dlsym(RTLD_NEXT, symbol))(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int file = opened("open", path, flags, rest);
  va_end(rest);
  return file;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int file = opened("open64", path, flags, rest);
  va_end(rest);
  return file;
}

int rename(const char *from, const char *to) {
  hold(to);
  return ((rename_function)dlsym(RTLD_NEXT, "rename"))(from, to);
}
