/*
 * Holds what the launching threads of a JVM make at every system call, until a hunter has looked at it twice.
 *
 * stepper JVM ROUNDS      ROUNDS is the hunter's counter. Prints "ready", and for each process that was seen through its
 *                         launch: "stopped N times"
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 4096
enum kind { OTHER, THREAD, STAGE, PROCESS };
static struct { int pid; enum kind kind; } known[MOST];
static int count, stops;
static volatile uint64_t *rounds;

static void note(int pid, enum kind kind) {
    for (int i = 0; i < count; i++) {
        if (known[i].pid == pid) {
            known[i].kind = kind;
            return;
        }
    }
    if (count < MOST) {
        known[count].pid = pid;
        known[count++].kind = kind;
    }
}

static enum kind kind(int pid) {
    for (int i = 0; i < count; i++) {
        if (known[i].pid == pid) return known[i].kind;
    }
    return OTHER;
}

static void await_hunter(void) {
    uint64_t from = *rounds;
    struct timespec moment = {0, 20000};
    for (int i = 0; i < 50000 && *rounds < from + 2; i++) nanosleep(&moment, 0);
    stops++;
}

int main(int argc, char **argv) {
    char path[300], name[32];
    if (argc < 3) return 2;
    int fd = open(argv[2], O_RDONLY);
    rounds = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
    if (fd < 0 || rounds == MAP_FAILED) return 3;
    snprintf(path, sizeof path, "/proc/%s/task", argv[1]);
    DIR *tasks = opendir(path);
    if (!tasks) return 4;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    for (struct dirent *entry; (entry = readdir(tasks));) {
        snprintf(path, sizeof path, "/proc/%s/task/%s/comm", argv[1], entry->d_name);
        int comm = open(path, O_RDONLY);
        if (comm < 0) continue;
        ssize_t length = read(comm, name, sizeof name - 1);
        close(comm);
        if (length > 7 && !strncmp(name, "launch-", 7) && name[7] != 'r') {
            if (ptrace(PTRACE_SEIZE, atoi(entry->d_name), 0, options)) return 5;
            note(atoi(entry->d_name), THREAD);
        }
    }
    closedir(tasks);
    if (!count) return 6;
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        int status, pid = waitpid(-1, &status, __WALL);
        if (pid < 0) return 7;
        if (!WIFSTOPPED(status)) continue;
        int signal = WSTOPSIG(status), event = status >> 16;
        enum kind who = kind(pid);
        if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
            unsigned long made;
            ptrace(PTRACE_GETEVENTMSG, pid, 0, &made);
            note((int) made, who == THREAD ? STAGE : PROCESS);
        }
        if (who == THREAD) {
            ptrace(PTRACE_CONT, pid, 0, event ? 0 : signal);
        } else if (event == PTRACE_EVENT_EXEC && who == PROCESS) {
            printf("stopped %d times\n", stops);
            fflush(stdout);
            stops = 0;
            ptrace(PTRACE_DETACH, pid, 0, 0);
        } else if (signal == (SIGTRAP | 0x80)) {
            await_hunter();
            ptrace(PTRACE_SYSCALL, pid, 0, 0);
        } else if (event) {
            ptrace(PTRACE_SYSCALL, pid, 0, 0);
        } else {
            ptrace(PTRACE_SYSCALL, pid, 0, signal);
        }
    }
}
