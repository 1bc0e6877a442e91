/* Lets calls of one process fail, as a page of memory that it shares with the test says.

Loaded before the C library (LD_PRELOAD), so it sees what Python and the engine ask of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WRITE, FSYNC, FDATASYNC, RENAME, LINK, OPEN, MKDIR, UNLINK, TRUNCATE, CALLS };

struct plan {
    int64_t process;    /* whose calls are counted */
    int64_t call;       /* which call fails; -1 is all of them */
    int64_t at;         /* the how-manieth; 0 is none */
    int64_t error;      /* errno, or -SIGKILL */
    int64_t for_good;   /* whether all that follow fail, too */
    int64_t hits;       /* how many have failed */
    int64_t clock;      /* how many seconds the clock is ahead, of all processes */
    int64_t seen[CALLS];
};

static struct plan *plan;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("METAPOLE_FAILING");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(0, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    plan = page == MAP_FAILED ? 0 : page;
    close(file);
}

static int fails(int call) {
    if (!plan || plan->process != getpid()) return 0;
    int64_t seen = __atomic_add_fetch(&plan->seen[call], 1, __ATOMIC_SEQ_CST);
    if (!plan->at || (plan->call != call && plan->call != -1)) return 0;
    if (seen != plan->at && !(plan->for_good && seen > plan->at)) return 0;
    __atomic_add_fetch(&plan->hits, 1, __ATOMIC_SEQ_CST);
    if (plan->error < 0) raise(-plan->error);
    errno = plan->error;
    return 1;
}

static int is_file(int descriptor) {
    struct stat status;
    return !fstat(descriptor, &status) && S_ISREG(status.st_mode);
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *from, size_t size) {
    REAL(write);
    int saved = errno;
    if (plan && is_file(fd) && fails(WRITE)) {
        int error = errno;
        if (size > 1) real(fd, from, size / 2); /* half of it is there */
        errno = error;
        return -1;
    }
    errno = saved;
    return real(fd, from, size);
}
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t offset) {
    REAL(pwrite64);
    return plan && is_file(fd) && fails(WRITE) ? -1 : real(fd, from, size, offset);
}
ssize_t pwrite(int fd, const void *from, size_t size, off_t offset) {
    REAL(pwrite);
    return plan && is_file(fd) && fails(WRITE) ? -1 : real(fd, from, size, offset);
}
int fsync(int fd) { REAL(fsync); return fails(FSYNC) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return fails(FDATASYNC) ? -1 : real(fd); }
int rename(const char *a, const char *b) { REAL(rename); return fails(RENAME) ? -1 : real(a, b); }
int link(const char *a, const char *b) { REAL(link); return fails(LINK) ? -1 : real(a, b); }
int mkdir(const char *a, mode_t mode) { REAL(mkdir); return fails(MKDIR) ? -1 : real(a, mode); }
int unlink(const char *a) { REAL(unlink); return fails(UNLINK) ? -1 : real(a); }
int ftruncate(int fd, off_t size) { REAL(ftruncate); return fails(TRUNCATE) ? -1 : real(fd, size); }
int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    return fails(TRUNCATE) ? -1 : real(fd, size);
}

#define OPENING(name, before, given, counted)                       \
    int name(before const char *path, int flags, ...) {             \
        REAL(name);                                                 \
        mode_t mode = 0;                                            \
        if (flags & (O_CREAT | __O_TMPFILE)) {                      \
            va_list rest;                                           \
            va_start(rest, flags);                                  \
            mode = va_arg(rest, mode_t);                            \
            va_end(rest);                                           \
        }                                                           \
        return (counted) && fails(OPEN) ? -1 : real(given path, flags, mode); \
    }
#define COMMA ,
#define TO_WRITE (flags & (O_CREAT | O_WRONLY | O_RDWR))
OPENING(open, , , TO_WRITE)
OPENING(open64, , , TO_WRITE)
OPENING(openat, int at COMMA, at COMMA, TO_WRITE)
OPENING(openat64, int at COMMA, at COMMA, TO_WRITE)

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int failed = real(clock, now);
    if (!failed && plan && clock == CLOCK_REALTIME) now->tv_sec += plan->clock;
    return failed;
}
