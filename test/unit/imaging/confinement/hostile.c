/*
 * What code that took over a codec would try, by system calls of its own. Each attempt gives 0 where it was done, else
 * the error of the kernel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static int outcome(long result) { return result < 0 ? errno : 0; }

static int read_of(int parent, const char *what) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", parent, what);
  return outcome(open(path, O_RDONLY));
}

static int memory_of(int parent) {
  char byte;
  struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
  long read = process_vm_readv(parent, &here, 1, &there, 1, 0);
  /* An address where nothing lies is reached all the same. */
  return read < 0 && errno != EFAULT ? errno : 0;
}

static int started(long child) {
  if (child == 0) _exit(0);
  return outcome(child);
}

/* A descriptor handed to whoever reads the other end. */
static int handed_over(void) {
  char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  *(int *)CMSG_DATA(header) = 2;
  return outcome(sendmsg(3, &message, MSG_DONTWAIT));
}

int attempt(const char *name, int parent, const char *folder) {
  char path[512];
  char *none[] = {NULL};
  snprintf(path, sizeof path, "%s/hostile", folder);
  if (!strcmp(name, "environment of the parent")) return read_of(parent, "environ");
  if (!strcmp(name, "memory of the parent by its file")) return read_of(parent, "mem");
  if (!strcmp(name, "memory of the parent")) return memory_of(parent);
  if (!strcmp(name, "descriptors of the parent")) return outcome(syscall(SYS_pidfd_open, parent, 0));
  if (!strcmp(name, "tracing the parent")) return outcome(ptrace(PTRACE_ATTACH, parent, 0, 0));
  if (!strcmp(name, "a signal to the parent")) return outcome(kill(parent, 0));
  if (!strcmp(name, "a signal to all")) return outcome(kill(-1, 0));
  if (!strcmp(name, "own environment as a file")) return outcome(open("/proc/self/environ", O_RDONLY));
  if (!strcmp(name, "reading a file")) return outcome(open("/etc/passwd", O_RDONLY));
  if (!strcmp(name, "reading a file by openat2")) {
    unsigned long long how[3] = {O_RDONLY, 0, 0};
    return outcome(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how));
  }
  if (!strcmp(name, "writing a file")) return outcome(open(path, O_WRONLY | O_CREAT, 0600));
  if (!strcmp(name, "a link")) return outcome(symlink("/etc/passwd", path));
  if (!strcmp(name, "removing a file")) {
    snprintf(path, sizeof path, "%s/settings.json", folder);
    return outcome(unlink(path));
  }
  if (!strcmp(name, "a file in memory")) return outcome(syscall(SYS_memfd_create, "hostile", 0));
  if (!strcmp(name, "a socket of the internet")) return outcome(socket(AF_INET, SOCK_STREAM, 0));
  if (!strcmp(name, "a socket of the machine")) return outcome(socket(AF_UNIX, SOCK_STREAM, 0));
  if (!strcmp(name, "a pair of sockets")) return outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0}));
  if (!strcmp(name, "handing a descriptor over")) return handed_over();
  if (!strcmp(name, "fork")) return started(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  if (!strcmp(name, "clone3")) {
    struct clone_args args = {.exit_signal = SIGCHLD};
    return started(syscall(SYS_clone3, &args, sizeof args));
  }
  if (!strcmp(name, "a thread in a space of its own"))
    return started(syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0));
  if (!strcmp(name, "another program")) return outcome(syscall(SYS_execve, "/bin/true", none, none));
  if (!strcmp(name, "a ring of calls")) {
    char params[120] = {0};
    return outcome(syscall(SYS_io_uring_setup, 8, params));
  }
  if (!strcmp(name, "filling a ring that is there")) return outcome(syscall(SYS_io_uring_enter, 4, 1, 0, 0, 0, 0));
  if (!strcmp(name, "more privileges")) return outcome(setuid(0));
  if (!strcmp(name, "namespaces")) return outcome(syscall(SYS_unshare, CLONE_NEWUSER));
  if (!strcmp(name, "a life beyond the parent")) return outcome(prctl(PR_SET_PDEATHSIG, 0));
  if (!strcmp(name, "keys of the kernel")) return outcome(syscall(SYS_keyctl, 0, -3, 0));
  if (!strcmp(name, "shared memory")) return outcome(syscall(SYS_shmget, 0, 4096, 01600));
  return -1;
}

/* A call by the door for 32 bits, behind which the numbers mean others: fork is 2. */
int by_the_old_door(void) {
#if defined(__x86_64__)
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(2) : "memory");
  return result;
#else
  return -1;
#endif
}
