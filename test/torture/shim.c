/*
 * A disk that fails: what a program asks of files below TORTURE_DIR is counted, and the N-th request goes wrong.
 *
 *   TORTURE_AT    which request goes wrong, from 1
 *   TORTURE_HOW   error   fails once with TORTURE_ERRNO
 *                 always  fails so from then on (a full disk: whatever gives room back still works)
 *                 short   a write takes half of what it is given
 *                 kill    the process is killed
 *                 power   killed, and what was written and not synced is gone
 *   TORTURE_COUNT a file that is told the count of requests at the end
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 4096
#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

enum kind { OTHER, WRITE, FREES, READS };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char paths[FILES][512]; /* by descriptor; empty: not below the directory */
static struct { char path[512]; off_t synced; } files[FILES];
static int count_files;
static long requests;
static long fails_at = -1;
static const char *how = "";
static const char *root = "";
static int error = EIO;

__attribute__((constructor)) static void begin(void) {
  const char *at = getenv("TORTURE_AT"), *number = getenv("TORTURE_ERRNO");
  if (getenv("TORTURE_DIR")) root = getenv("TORTURE_DIR");
  if (getenv("TORTURE_HOW")) how = getenv("TORTURE_HOW");
  if (at) fails_at = atol(at);
  if (number) error = atoi(number);
}

__attribute__((destructor)) static void end(void) {
  const char *path = getenv("TORTURE_COUNT");
  FILE *out = path && *root ? fopen(path, "w") : NULL;
  if (!out) return;
  fprintf(out, "%ld\n", requests);
  fclose(out);
}

/* The path in full; 0 where it is not below the directory. */
static int below(const char *path, char *full) {
  char here[256] = "";
  if (!*root || !path) return 0;
  if (path[0] != '/' && !getcwd(here, sizeof here)) return 0;
  snprintf(full, 512, "%s%s%s", here, *here ? "/" : "", path);
  return strncmp(full, root, strlen(root)) == 0;
}

/* How much of a file a loss of power leaves. */
static off_t *synced(const char *path, off_t first) {
  for (int i = 0; i < count_files; i++)
    if (!strcmp(files[i].path, path)) return &files[i].synced;
  if (count_files == FILES) return NULL;
  snprintf(files[count_files].path, 512, "%s", path);
  files[count_files].synced = first;
  return &files[count_files++].synced;
}

static void power(void) {
  for (int i = 0; i < count_files; i++) {
    struct stat now;
    if (!stat(files[i].path, &now) && now.st_size > files[i].synced)
      (void)!truncate(files[i].path, files[i].synced);
  }
}

/* Counts a request; 1: it shall fail, 2: it shall be cut short. */
static int strikes(enum kind kind) {
  pthread_mutex_lock(&lock);
  long now = ++requests;
  int always = !strcmp(how, "always");
  int hit = always ? fails_at > 0 && now >= fails_at : now == fails_at;
  if (hit && !strcmp(how, "power")) power();
  if (hit && (!strcmp(how, "power") || !strcmp(how, "kill"))) kill(getpid(), SIGKILL), pause();
  pthread_mutex_unlock(&lock);
  if (!hit) return 0;
  if (!strcmp(how, "short")) return kind == WRITE ? 2 : 0;
  if (always && kind != WRITE && kind != OTHER) return 0;
  errno = error;
  return 1;
}

static int opened(int fd, const char *full, int flags, int ours) {
  if (fd < 0 || fd >= FILES) return fd;
  paths[fd][0] = 0;
  if (!ours) return fd;
  snprintf(paths[fd], 512, "%s", full);
  struct stat now = {0};
  if (fstat(fd, &now) || !S_ISREG(now.st_mode)) return fd;
  pthread_mutex_lock(&lock);
  off_t *length = (flags & (O_WRONLY | O_RDWR)) ? synced(full, now.st_size) : NULL;
  if (length && *length > now.st_size) *length = now.st_size;
  pthread_mutex_unlock(&lock);
  return fd;
}

#define OPEN(name)                                                                        \
  int name(const char *path, int flags, ...) {                                            \
    va_list rest;                                                                         \
    va_start(rest, flags);                                                                \
    mode_t mode = va_arg(rest, mode_t);                                                   \
    va_end(rest);                                                                         \
    char full[512];                                                                       \
    int ours = below(path, full);                                                         \
    if (ours && strikes(flags & (O_WRONLY | O_RDWR) ? OTHER : READS) == 1) return -1;     \
    return opened(REAL(name)(path, flags, mode), full, flags, ours);                      \
  }
OPEN(open)
OPEN(open64)

static int ours(int fd) { return fd >= 0 && fd < FILES && paths[fd][0]; }

ssize_t write(int fd, const void *data, size_t size) {
  int hit = ours(fd) ? strikes(WRITE) : 0;
  if (hit == 1) return -1;
  return REAL(write)(fd, data, hit && size > 1 ? size / 2 : size);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  int hit = ours(fd) ? strikes(WRITE) : 0;
  if (hit == 1) return -1;
  return REAL(pwrite64)(fd, data, hit && size > 1 ? size / 2 : size, at);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (ours(fd) && strikes(WRITE) == 1) return -1;
  return REAL(writev)(fd, parts, count);
}
ssize_t read(int fd, void *data, size_t size) {
  if (ours(fd) && strikes(READS) == 1) return -1;
  return REAL(read)(fd, data, size);
}
ssize_t pread64(int fd, void *data, size_t size, off64_t at) {
  if (ours(fd) && strikes(READS) == 1) return -1;
  return REAL(pread64)(fd, data, size, at);
}
ssize_t pread(int fd, void *data, size_t size, off_t at) { return pread64(fd, data, size, at); }

static int synced_now(int fd, int result) {
  struct stat now;
  if (result || fstat(fd, &now) || !S_ISREG(now.st_mode)) return result;
  pthread_mutex_lock(&lock);
  off_t *length = synced(paths[fd], 0);
  if (length) *length = now.st_size;
  pthread_mutex_unlock(&lock);
  return 0;
}
int fsync(int fd) {
  if (!ours(fd)) return REAL(fsync)(fd);
  return strikes(OTHER) == 1 ? -1 : synced_now(fd, REAL(fsync)(fd));
}
int fdatasync(int fd) {
  if (!ours(fd)) return REAL(fdatasync)(fd);
  return strikes(OTHER) == 1 ? -1 : synced_now(fd, REAL(fdatasync)(fd));
}

int ftruncate64(int fd, off64_t size) {
  if (ours(fd) && strikes(FREES) == 1) return -1;
  return REAL(ftruncate64)(fd, size);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
int close(int fd) {
  int hit = ours(fd) && strikes(FREES) == 1;
  if (fd >= 0 && fd < FILES) paths[fd][0] = 0;
  int result = REAL(close)(fd);
  if (hit) errno = error;
  return hit ? -1 : result;
}
int rename(const char *from, const char *to) {
  char old[512], new[512];
  int known = below(from, old) & below(to, new);
  if (known && strikes(OTHER) == 1) return -1;
  int result = REAL(rename)(from, to);
  if (known && !result) {
    pthread_mutex_lock(&lock);
    off_t *length = synced(old, 0), *there = synced(new, 0);
    if (length && there) *there = *length;
    pthread_mutex_unlock(&lock);
  }
  return result;
}
int unlink(const char *path) {
  char full[512];
  if (below(path, full) && strikes(FREES) == 1) return -1;
  return REAL(unlink)(path);
}
int mkdir(const char *path, mode_t mode) {
  char full[512];
  if (below(path, full) && strikes(OTHER) == 1) return -1;
  return REAL(mkdir)(path, mode);
}
