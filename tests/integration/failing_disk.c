/* Preloaded before the C library: file writes and syncs fail while a control file exists.
 *
 * In the folder that FAILING_DISK names, `full` makes writes to database files fail with ENOSPC,
 * `broken` with EIO, and `unsynced` makes their fsync and fdatasync fail with EIO. Each failed sync
 * adds a byte to `failed-syncs`, and each attempted one adds a byte to `syncs`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int has(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", getenv("FAILING_DISK"), name);
    return access(path, F_OK) == 0;
}

static void count(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", getenv("FAILING_DISK"), name);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file >= 0) {
        syscall(SYS_write, file, "x", 1);
        close(file);
    }
}

static int is_database(int file) {
    char link[64], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "journal.db") != NULL;
}

static int write_error(int file) {
    if (!is_database(file)) return 0;
    return has("full") ? ENOSPC : has("broken") ? EIO : 0;
}

static int sync_with(const char *name, int file) {
    if (is_database(file)) {
        count("syncs");
        if (has("unsynced")) {
            count("failed-syncs");
            errno = EIO;
            return -1;
        }
    }
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return next(file);
}

int fsync(int file) { return sync_with("fsync", file); }
int fdatasync(int file) { return sync_with("fdatasync", file); }

ssize_t write(int file, const void *bytes, size_t size) {
    int error = write_error(file);
    if (error) { errno = error; return -1; }
    return syscall(SYS_write, file, bytes, size);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t place) {
    int error = write_error(file);
    if (error) { errno = error; return -1; }
    ssize_t (*next)(int, const void *, size_t, off64_t) =
        (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    return next(file, bytes, size, place);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) {
    return pwrite64(file, bytes, size, place);
}
