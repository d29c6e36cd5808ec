/* A disk that refuses: preloaded, it lets chosen calls below one folder fail.

   `refusals_arm` says which; `refusals_told` gives the calls that were refused, `refusals_count` how
   many of a kind there were. The calls of the kinds to be refused, the bits below, are counted
   together from 1. A process that nobody has armed is left alone. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, RENAME = 4, OPEN = 8, MKDIR = 16, UNLINK = 32 };
static const struct { int kind; const char *name; } NAMES[] = {
    {WRITE, "write"}, {SYNC, "fsync"}, {RENAME, "rename"},
    {OPEN, "open"}, {MKDIR, "mkdir"}, {UNLINK, "unlink"},
};
#define KILL (-1) /* in place of an error number: SIGKILL, in the middle of a write */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static int kinds, error_number, for_ever;
static long nth, count, counts[UNLINK + 1];
static char told[1 << 16];
static size_t used;

void refusals_arm(const char *below, int which, long from, int number, int ever) {
    snprintf(folder, sizeof folder, "%s/", below);
    kinds = which; nth = from; error_number = number; for_ever = ever;
    count = 0; memset(counts, 0, sizeof counts); used = 0; told[0] = 0;
}
long refusals_count(int kind) { return counts[kind]; }
const char *refusals_told(void) { return told; }

static const char *name_of(int kind) {
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (NAMES[i].kind == kind) return NAMES[i].name;
    return "?";
}

/* Whether this call is to be refused; `path` is absolute. */
static int refused(int kind, const char *path) {
    int yes = 0;
    if (!(kinds & kind) || strncmp(path, folder, strlen(folder))) return 0;
    pthread_mutex_lock(&lock);
    count++;
    counts[kind]++;
    if (nth && (count == nth || (for_ever && count > nth))) {
        yes = 1;
        int room = sizeof told - used;
        int wrote = snprintf(told + used, room, "%s %s\n", name_of(kind), path);
        if (wrote < room) used += wrote; else told[used] = 0;
    }
    pthread_mutex_unlock(&lock);
    return yes;
}

static int fails(void) {
    if (error_number == KILL) kill(getpid(), SIGKILL);
    errno = error_number;
    return -1;
}

static int refused_file(int kind, int fd) {
    char link[64], path[PATH_MAX];
    if (!(kinds & kind)) return 0;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    return refused(kind, path);
}

static int refused_path(int kind, int at, const char *path) {
    char base[PATH_MAX] = "", whole[2 * PATH_MAX];
    if (!(kinds & kind) || !path) return 0;
    if (*path == '/') return refused(kind, path);
    int before = errno;
    if (at == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) base[0] = 0;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t length = readlink(link, base, sizeof base - 1);
        base[length < 0 ? 0 : length] = 0;
    }
    errno = before;
    snprintf(whole, sizeof whole, "%s/%s", base, path);
    return refused(kind, whole);
}

/* The name itself: what is there cannot be made, and what is not there cannot be removed; the system
   says so first. */
static int stands(int at, const char *path) {
    struct stat found;
    int before = errno, there = !fstatat(at, path, &found, AT_SYMLINK_NOFOLLOW);
    errno = before;
    return there;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

/* A disk that fills up, or a process that is killed, has taken a part. */
ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (!refused_file(WRITE, fd)) return real(fd, data, size);
    if (error_number == KILL || error_number == ENOSPC) real(fd, data, size / 2);
    return fails();
}
#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t size, off64_t at) { \
        REAL(ssize_t, name, int, const void *, size_t, off64_t); \
        return refused_file(WRITE, fd) ? fails() : real(fd, data, size, at); \
    }
PWRITE(pwrite)
PWRITE(pwrite64)
ssize_t writev(int fd, const struct iovec *parts, int number) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    return refused_file(WRITE, fd) ? fails() : real(fd, parts, number);
}
#define SENDFILE(name) \
    ssize_t name(int out, int in, off64_t *at, size_t size) { \
        REAL(ssize_t, name, int, int, off64_t *, size_t); \
        return refused_file(WRITE, out) ? fails() : real(out, in, at, size); \
    }
SENDFILE(sendfile)
SENDFILE(sendfile64)
#define SYNCING(name) \
    int name(int fd) { \
        REAL(int, name, int); \
        return refused_file(SYNC, fd) ? fails() : real(fd); \
    }
SYNCING(fsync)
SYNCING(fdatasync)

int rename(const char *old, const char *new) {
    REAL(int, rename, const char *, const char *);
    return refused_path(RENAME, AT_FDCWD, new) ? fails() : real(old, new);
}
int renameat(int from, const char *old, int to, const char *new) {
    REAL(int, renameat, int, const char *, int, const char *);
    return refused_path(RENAME, to, new) ? fails() : real(from, old, to, new);
}
int mkdir(const char *path, mode_t mode) {
    REAL(int, mkdir, const char *, mode_t);
    return !stands(AT_FDCWD, path) && refused_path(MKDIR, AT_FDCWD, path) ? fails() : real(path, mode);
}
int mkdirat(int at, const char *path, mode_t mode) {
    REAL(int, mkdirat, int, const char *, mode_t);
    return !stands(at, path) && refused_path(MKDIR, at, path) ? fails() : real(at, path, mode);
}
int unlink(const char *path) {
    REAL(int, unlink, const char *);
    return stands(AT_FDCWD, path) && refused_path(UNLINK, AT_FDCWD, path) ? fails() : real(path);
}
int unlinkat(int at, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    return stands(at, path) && refused_path(UNLINK, at, path) ? fails() : real(at, path, flags);
}

static int writing(int flags) {
    return flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC);
}
#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, name, const char *, int, ...); \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        if (writing(flags) && refused_path(OPEN, AT_FDCWD, path)) return fails(); \
        return real(path, flags, mode); \
    }
OPENING(open)
OPENING(open64)
#define OPENING_AT(name) \
    int name(int at, const char *path, int flags, ...) { \
        REAL(int, name, int, const char *, int, ...); \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        if (writing(flags) && refused_path(OPEN, at, path)) return fails(); \
        return real(at, path, flags, mode); \
    }
OPENING_AT(openat)
OPENING_AT(openat64)
