/*
 * Runs in a container and looks at every process there but itself, for what is not the container's: by its root, working
 * directory, descriptors, memory, mappings, executable, threads, namespaces, privileges, and by tracing it.
 *
 * hunter OUTPUT MARKER OWNED CAPABILITIES SECCOMP TRACE HOSTNAMESPACE...
 *   OUTPUT         directory for "findings" (one line for each kind), "rounds" (how many, 8 bytes) and "seen" (how often a process
 *                  was met before it had executed its program, 8 bytes)
 *   MARKER         path of a file of the host
 *   OWNED          path of a directory that does not exist on the host: made by code that is put into other processes
 *   CAPABILITIES   those that others may have, in hexadecimal
 *   SECCOMP        the mode that others must have
 *   TRACE          1 to attach to others as well, 2 to put code into them instead
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *marker, *owned;
static unsigned long long allowed;
static int seccomp_mode, trace, spaces;
static char **host_spaces;
static int findings;
static volatile uint64_t *rounds, *seen;
static char known[64][160];

static void found(const char *what, const char *detail) {
    int i;
    for (i = 0; i < 64 && known[i][0]; i++) {
        if (!strcmp(known[i], what)) return;
    }
    if (i < 64) snprintf(known[i], sizeof known[i], "%s", what);
    dprintf(findings, "%s: %s\n", what, detail);
}

static uint64_t *counter(const char *directory, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_RDWR | O_CREAT, 0666);
    if (fd < 0 || ftruncate(fd, 4096)) exit(3);
    return mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

static int readable(const char *path) {
    char byte;
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) return 0;
    int result = read(fd, &byte, 1) == 1;
    close(fd);
    return result;
}

/* Root and working directory, by a process or one of its threads. */
static void look_around(const char *process, const char *by) {
    char path[1024], what[64];
    snprintf(path, sizeof path, "%s/root%s", process, marker);
    snprintf(what, sizeof what, "%s root", by);
    if (readable(path)) found(what, path);
    snprintf(path, sizeof path, "%s/cwd/../../../../../../../../../../../..%s", process, marker);
    snprintf(what, sizeof what, "%s cwd", by);
    if (readable(path)) found(what, path);
}

static int pending(const char *process) {
    char path[64], exe[64] = "";
    snprintf(path, sizeof path, "%s/exe", process);
    return readlink(path, exe, sizeof exe - 1) > 0 && !strncmp(exe, "/memfd:berth-", 13);
}

/* Whether nothing is to be known of a process, since its memory is of another user namespace. */
static int out_of_reach(const char *process) {
    char path[64], exe[64];
    snprintf(path, sizeof path, "%s/exe", process);
    return readlink(path, exe, sizeof exe) < 0 && errno == EACCES;
}

static void descriptors(const char *process) {
    char path[300], target[300];
    snprintf(path, sizeof path, "%s/fd", process);
    DIR *directory = opendir(path);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (atoi(entry->d_name) <= 2) continue;
        snprintf(path, sizeof path, "%s/fd/%s", process, entry->d_name);
        ssize_t length = readlink(path, target, sizeof target - 1);
        struct stat st;
        if (length > 0 && !stat(path, &st) && pending(process)) {
            char what[64];
            target[length] = 0;
            snprintf(what, sizeof what, "descriptor %.*s", (int) strcspn(target, "["), target);
            found(what, target);
        }
    }
    closedir(directory);
}

static void status(const char *process) {
    char path[64], line[256];
    snprintf(path, sizeof path, "%s/status", process);
    FILE *file = fopen(path, "re");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        unsigned long long value;
        int mode;
        if ((sscanf(line, "CapEff: %llx", &value) == 1 || sscanf(line, "CapPrm: %llx", &value) == 1
             || sscanf(line, "CapBnd: %llx", &value) == 1) && (value & ~allowed)) {
            found("capabilities", line);
        }
        if (sscanf(line, "Seccomp: %d", &mode) == 1 && mode != seccomp_mode) found("seccomp", line);
    }
    fclose(file);
}

static void mappings(const char *process) {
    char path[64], line[512];
    if (!pending(process)) return;
    snprintf(path, sizeof path, "%s/maps", process);
    FILE *file = fopen(path, "re");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        char *name = strchr(line, '/');
        /* A program of the container's by now, perhaps. */
        if (name && strncmp(name, "/memfd:berth-launch", 19) && strncmp(name, "/memfd:berth-process", 20)
            && pending(process)) {
            found("mapping", line);
        }
    }
    fclose(file);
}

static void namespaces(const char *process) {
    static const char *kinds[] = {"mnt", "net", "ipc", "uts", "cgroup", "pid"};
    char path[64], target[64], what[32];
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(path, sizeof path, "%s/ns/%s", process, kinds[i]);
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length <= 0) continue;
        target[length] = 0;
        for (int j = 0; j < spaces; j++) {
            if (!strcmp(target, host_spaces[j])) {
                snprintf(what, sizeof what, "namespace %s", kinds[i]);
                found(what, target);
            }
        }
    }
}

#ifdef __x86_64__
/* mkdir(OWNED), wherever it is executed; and then on, at the end of what is overwritten. */
static size_t intruder(unsigned char *code, size_t size) {
    static const unsigned char begin[] = {0x48, 0x8d, 0x3d, 0x15, 0, 0, 0, 0xbe, 0xff, 0x01, 0, 0, 0xb8, 0x53, 0, 0, 0,
                                          0x0f, 0x05, 0x31, 0xff, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05};
    size_t tail = sizeof begin + strlen(owned) + 1;
    memset(code, 0x90, size);
    memcpy(code + size - tail, begin, sizeof begin);
    memcpy(code + size - tail + sizeof begin, owned, strlen(owned) + 1);
    return size;
}
#endif

static void memory(const char *process, int pid) {
    char path[64];
    if (!pending(process)) return;
    snprintf(path, sizeof path, "%s/mem", process);
    int fd = open(path, O_RDWR);
    char buffer[4096];
    struct iovec local = {buffer, 64}, remote = {(void *) 0x400000, 64};
    (void) !syscall(SYS_process_vm_readv, pid, &local, 1L, &remote, 1L, 0L);
    remote.iov_base = (void *) 0x500000;
    (void) !syscall(SYS_process_vm_writev, pid, &local, 1L, &remote, 1L, 0L);
#ifdef __x86_64__
    if (fd >= 0 && trace == 2 && pending(process)) {
        unsigned char code[1024];
        size_t size = intruder(code, sizeof code);
        (void) !pwrite(fd, code, size, 0x4000b0);
    }
#endif
    if (fd >= 0) close(fd);
}

static void copies(const char *process, int pid) {
    int pidfd = syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) return;
    for (int number = 3; number < 64; number++) {
        int copy = syscall(SYS_pidfd_getfd, pidfd, number, 0);
        if (copy >= 0) {
            char detail[32];
            snprintf(detail, sizeof detail, "%d", number);
            if (pending(process)) found("pidfd_getfd", detail);
            close(copy);
        }
    }
    close(pidfd);
}

static void threads(const char *process) {
    char path[300];
    snprintf(path, sizeof path, "%s/task", process);
    DIR *directory = opendir(path);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/task/%s", process, entry->d_name);
        look_around(path, "thread");
    }
    closedir(directory);
}

static void look(const char *process) {
    look_around(process, "process");
    threads(process);
    descriptors(process);
    status(process);
    mappings(process);
    namespaces(process);
}

/* A few times: whoever is stopped again and again gets nowhere. */
static void attach(const char *process, int pid, int how) {
    static unsigned char times[1 << 16];
    int status;
    if (times[pid & 0xffff] >= 20) return;
    times[pid & 0xffff]++;
    if (how == 0 ? ptrace(PTRACE_SEIZE, pid, 0, 0) : ptrace(PTRACE_ATTACH, pid, 0, 0)) return;
    if (how == 0) ptrace(PTRACE_INTERRUPT, pid, 0, 0);
    if (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
        look(process);
        copies(process, pid);
        ptrace(PTRACE_DETACH, pid, 0, 0);
    }
    /* It may have stopped for another reason than the attaching, whose signal is still to come. */
    if (how == 1) kill(pid, SIGCONT);
}

static void hunt(int pid) {
    char process[32];
    snprintf(process, sizeof process, "/proc/%d", pid);
    int early = pending(process) || out_of_reach(process);
    look(process);
    memory(process, pid);
    copies(process, pid);
    char exe[40];
    snprintf(exe, sizeof exe, "%s/exe", process);
    if (pending(process)) {
        int fd = open(exe, O_RDWR);
        if (fd >= 0 && write(fd, "x", 1) == 1) found("executable", "can be written to");
        if (fd >= 0) close(fd);
    }
    for (int kind = 0; kind <= 6; kind++) (void) !syscall(SYS_kcmp, getpid(), pid, kind, 0, 0);
    struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event, .config = PERF_COUNT_SW_CPU_CLOCK};
    int fd = syscall(SYS_perf_event_open, &event, pid, -1, -1, 0);
    if (fd >= 0) close(fd);
    if (trace == 1) attach(process, pid, (int) (*rounds & 1));
    if (early) ++*seen;
}

int main(int argc, char **argv) {
    char path[256];
    if (argc < 7) return 2;
    marker = argv[2];
    owned = argv[3];
    allowed = strtoull(argv[4], 0, 16);
    seccomp_mode = atoi(argv[5]);
    trace = atoi(argv[6]);
    host_spaces = argv + 7;
    spaces = argc - 7;
    snprintf(path, sizeof path, "%s/findings", argv[1]);
    findings = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    rounds = counter(argv[1], "rounds");
    seen = counter(argv[1], "seen");
    for (;;) {
        DIR *proc = opendir("/proc");
        if (!proc) return 4;
        for (struct dirent *entry; (entry = readdir(proc));) {
            int pid = atoi(entry->d_name);
            if (pid > 0 && pid != getpid()) hunt(pid);
        }
        closedir(proc);
        while (waitpid(-1, 0, WNOHANG) > 0) {
        }
        ++*rounds;
    }
}
