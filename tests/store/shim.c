/*
 * Stands between a process and the C library, to see in which order it writes, syncs and sends, and to let the disk fail.
 *
 * STORE_TRACE=FILE      appends a line for each call that is watched: `file CALL` for what changes a run's directory,
 *                       `write TEXT`, `again TEXT` (over what is there), `syncing`, `synced` and `failed` for the log,
 *                       `send AGENT` for sockets
 * STORE_FAIL=CALL:N:E   the Nth `write` or `sync` of the log fails with errno E; a write is done by half, and so are all
 *                       that follow it
 * STORE_STOP=N          stops in the middle of the Nth write to the log, until SIGCONT
 * STORE_KILL=N          kills in the middle of the Nth call that changes a run's directory
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))
#define LOG "/journal.jsonl"
#define RUNS "/runs/"
#define AGENT "user-agent: "

enum kind { ELSEWHERE, OF_A_RUN, THE_LOG };

static int trace = -1;
static char fail_call[8];
static long fail_at, fail_with, stop_at, kill_at;
static atomic_long writes, syncs, changes;

__attribute__((constructor)) static void read_environment(void)
{
    const char *path = getenv("STORE_TRACE"), *fail = getenv("STORE_FAIL");
    const char *stop = getenv("STORE_STOP"), *end = getenv("STORE_KILL");
    if (path)
        trace = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fail)
        sscanf(fail, "%7[a-z]:%ld:%ld", fail_call, &fail_at, &fail_with);
    stop_at = stop ? atol(stop) : 0;
    kill_at = end ? atol(end) : 0;
}

/* One write a line: lines of several threads do not mix, and their order is that of the calls. */
static void note(const char *word, const char *text, size_t len)
{
    static const char space = ' ', newline = '\n';
    struct iovec parts[4] = {
        {(void *)word, strlen(word)}, {(void *)&space, len > 0}, {(void *)text, len}, {(void *)&newline, 1}};
    if (trace >= 0)
        NEXT(writev)(trace, parts, 4);
}

static enum kind kind_of(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0)
        return ELSEWHERE;
    path[len] = 0;
    size_t tail = strlen(LOG);
    if ((size_t)len > tail && strcmp(path + len - tail, LOG) == 0)
        return THE_LOG;
    return strstr(path, RUNS) ? OF_A_RUN : ELSEWHERE;
}

/* Returns whether this call is the one that must not end. */
static int is_last(const char *name)
{
    note("file", name, strlen(name));
    return kill_at && atomic_fetch_add(&changes, 1) + 1 == kill_at;
}

static void die(void)
{
    for (;;)
        kill(getpid(), SIGKILL);
}

static void before(const char *name, int concerns_a_run)
{
    if (concerns_a_run && is_last(name))
        die();
}

static int fails(const char *call, long number)
{
    if (!fail_at || strcmp(call, fail_call) != 0)
        return 0;
    int full = strcmp(call, "write") == 0 && number > fail_at;
    if (number != fail_at && !full)
        return 0;
    note("failed", "", 0);
    errno = fail_with;
    return 1;
}

static ssize_t write_log(int fd, const char *bytes, size_t len)
{
    typeof(&write) next = NEXT(write);
    long number = atomic_fetch_add(&writes, 1) + 1;
    size_t half = len / 2;
    if (fails("write", number)) {
        int problem = errno;
        /* As a disk does that fills up: some bytes fit, and the next write is told. */
        if (number == fail_at)
            next(fd, bytes, half);
        errno = problem;
        return -1;
    }
    if (number == stop_at) {
        next(fd, bytes, half);
        raise(SIGSTOP);
        bytes += half, len -= half;
        ssize_t rest = next(fd, bytes, len);
        return rest < 0 ? rest : rest + (ssize_t)half;
    }
    ssize_t done = next(fd, bytes, len);
    if (done > 0)
        note("write", bytes, (size_t)done - (bytes[done - 1] == '\n'));
    return done;
}

static void note_request(const char *bytes, size_t len)
{
    const char *agent = memmem(bytes, len, AGENT, strlen(AGENT));
    if (!agent)
        return;
    agent += strlen(AGENT);
    const char *end = memchr(agent, '\r', len - (size_t)(agent - bytes));
    note("send", agent, end ? (size_t)(end - agent) : 0);
}

static void note_requests(const struct iovec *parts, size_t count)
{
    for (size_t at = 0; at < count; at++)
        note_request(parts[at].iov_base, parts[at].iov_len);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    enum kind kind = kind_of(fd);
    if (kind != ELSEWHERE && is_last("write")) {
        NEXT(write)(fd, bytes, len / 2);
        die();
    }
    if (kind == THE_LOG)
        return write_log(fd, bytes, len);
    note_request(bytes, len);
    return NEXT(write)(fd, bytes, len);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    enum kind kind = kind_of(fd);
    if (kind != ELSEWHERE && is_last("pwrite")) {
        NEXT(pwrite64)(fd, bytes, len / 2, at);
        die();
    }
    if (kind == THE_LOG)
        note("again", bytes, len);
    return NEXT(pwrite64)(fd, bytes, len, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    note_requests(parts, (size_t)count);
    return NEXT(writev)(fd, parts, count);
}

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    note_request(bytes, len);
    return NEXT(send)(fd, bytes, len, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    note_requests(message->msg_iov, message->msg_iovlen);
    return NEXT(sendmsg)(fd, message, flags);
}

int fdatasync(int fd)
{
    enum kind kind = kind_of(fd);
    before("fdatasync", kind != ELSEWHERE);
    if (kind != THE_LOG)
        return NEXT(fdatasync)(fd);
    if (fails("sync", atomic_fetch_add(&syncs, 1) + 1))
        return -1;
    note("syncing", "", 0);
    int result = NEXT(fdatasync)(fd);
    if (result == 0)
        note("synced", "", 0);
    return result;
}

int fsync(int fd)
{
    before("fsync", kind_of(fd) != ELSEWHERE);
    return NEXT(fsync)(fd);
}

int sync_file_range(int fd, off64_t offset, off64_t len, unsigned flags)
{
    before("sync_file_range", kind_of(fd) != ELSEWHERE);
    return NEXT(sync_file_range)(fd, offset, len, flags);
}

int ftruncate64(int fd, off64_t len)
{
    before("ftruncate", kind_of(fd) != ELSEWHERE);
    return NEXT(ftruncate64)(fd, len);
}

int rename(const char *from, const char *to)
{
    before("rename", strstr(to, RUNS) != NULL);
    return NEXT(rename)(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    before("mkdir", strstr(path, RUNS) != NULL);
    return NEXT(mkdir)(path, mode);
}

int unlink(const char *path)
{
    before("unlink", strstr(path, RUNS) != NULL);
    return NEXT(unlink)(path);
}

int unlinkat(int dir, const char *path, int flags)
{
    before("unlinkat", kind_of(dir) != ELSEWHERE);
    return NEXT(unlinkat)(dir, path, flags);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    before("open", (flags & O_CREAT) && strstr(path, RUNS) != NULL);
    return NEXT(open64)(path, flags, mode);
}
