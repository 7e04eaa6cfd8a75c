/*
 * Writes down, in order, everything that a program does to files below POWER_DIR, into the file POWER_LOG: one line an
 * operation, fields separated by tabs. The test plays it back and cuts the power after each line.
 * cc -shared -fPIC -o recorder.so recorder.c -ldl; LD_PRELOAD=recorder.so POWER_DIR=/absolute POWER_LOG=log node …
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDS 4096
#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static char *paths[FDS];

/* The absolute path if it is below POWER_DIR, in a buffer of its own; NULL otherwise. */
static char *below(const char *path) {
  const char *dir = getenv("POWER_DIR");
  char full[8192] = "";
  if (!dir || !path) return NULL;
  if (path[0] != '/' && getcwd(full, 4096)) strcat(full, "/");
  strncat(full, path, 4000);
  size_t length = strlen(dir);
  if (strncmp(full, dir, length) != 0 || (full[length] != '/' && full[length] != 0)) return NULL;
  return strdup(full);
}

static void record(const char *op, const char *path, const char *other, long at, const unsigned char *data, long bytes) {
  static FILE *out;
  if (!out) out = fopen(getenv("POWER_LOG"), "w");
  fprintf(out, "%s\t%s\t%s\t%ld\t", op, path, other, at);
  for (long i = 0; i < bytes; i++) fprintf(out, "%02x", data[i]);
  fputc('\n', out);
  fflush(out);
}

static const char *pathOf(int fd) { return fd >= 0 && fd < FDS ? paths[fd] : NULL; }

static int opened(const char *symbol, const char *path, int flags, mode_t mode) {
  int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, symbol);
  char *full = below(path);
  int isNew = full && (flags & O_CREAT) && access(full, F_OK) != 0;
  int fd = real(path, flags, mode);
  if (fd < 0 || fd >= FDS) return fd;
  paths[fd] = full;
  if (full && isNew) record("create", full, "", 0, NULL, 0);
  else if (full && (flags & O_TRUNC)) record("truncate", full, "", 0, NULL, 0);
  return fd;
}

int open(const char *path, int flags, ...) {
  va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, int); va_end(rest);
  return opened("open", path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, int); va_end(rest);
  return opened("open64", path, flags, mode);
}
int close(int fd) {
  REAL(int, "close", int);
  if (fd >= 0 && fd < FDS) paths[fd] = NULL;
  return real(fd);
}
ssize_t write(int fd, const void *data, size_t bytes) {
  REAL(ssize_t, "write", int, const void *, size_t);
  long at = pathOf(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
  ssize_t done = real(fd, data, bytes);
  if (pathOf(fd) && done > 0) record("write", pathOf(fd), "", at, data, done);
  return done;
}
ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  ssize_t done = real(fd, data, bytes, at);
  if (pathOf(fd) && done > 0) record("write", pathOf(fd), "", at, data, done);
  return done;
}
ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at) { return pwrite64(fd, data, bytes, at); }
int ftruncate64(int fd, off64_t bytes) {
  REAL(int, "ftruncate64", int, off64_t);
  int result = real(fd, bytes);
  if (pathOf(fd) && result == 0) record("truncate", pathOf(fd), "", bytes, NULL, 0);
  return result;
}
int ftruncate(int fd, off_t bytes) { return ftruncate64(fd, bytes); }
int fsync(int fd) {
  REAL(int, "fsync", int);
  int result = real(fd);
  if (pathOf(fd) && result == 0) record("sync", pathOf(fd), "", 0, NULL, 0);
  return result;
}
int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  int result = real(fd);
  if (pathOf(fd) && result == 0) record("sync", pathOf(fd), "", 0, NULL, 0);
  return result;
}
int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  char *a = below(from), *b = below(to);
  int result = real(from, to);
  if (result == 0 && a && b) record("rename", a, b, 0, NULL, 0);
  return result;
}
int link(const char *from, const char *to) {
  REAL(int, "link", const char *, const char *);
  char *a = below(from), *b = below(to);
  int result = real(from, to);
  if (result == 0 && a && b) record("link", a, b, 0, NULL, 0);
  return result;
}
static int gone(const char *symbol, const char *path) {
  int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, symbol);
  char *full = below(path);
  int result = real(path);
  if (result == 0 && full) record("remove", full, "", 0, NULL, 0);
  return result;
}
int unlink(const char *path) { return gone("unlink", path); }
int remove(const char *path) { return gone("remove", path); }
int mkdir(const char *path, mode_t mode) {
  REAL(int, "mkdir", const char *, mode_t);
  char *full = below(path);
  int result = real(path, mode);
  if (result == 0 && full) record("folder", full, "", 0, NULL, 0);
  return result;
}
