#ifndef WASMSH_TEST_PLATFORM_OLDER_KERNEL_H_
#define WASMSH_TEST_PLATFORM_OLDER_KERNEL_H_

// A child process in which some calls fail, as under an older kernel or in a container.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>

#include "check.h"

namespace wasmsh::test {

/** A system call that is refused; `second_argument` narrows it to one ioctl, 0 means all. */
struct Refused {
  long call;
  uint32_t second_argument;
  uint32_t error;
};

/** Installs a filter for the rest of this process. See seccomp(2). */
inline bool Refuse(const Refused& refused) {
  const uint32_t call = static_cast<uint32_t>(refused.call);
  // Without a second argument to compare, the comparison is jumped over.
  const uint8_t skip = refused.second_argument == 0 ? 2 : 0;
  // Little-endian: the low half of the argument is what stands at its offset.
  const uint32_t argument = offsetof(seccomp_data, args) + sizeof(uint64_t);
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, skip, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused.second_argument, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | refused.error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/** Runs checks in a child process where these calls are refused. */
template <typename Body>
void InOlderKernel(const std::vector<Refused>& all, Body body) {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    for (const Refused& refused : all) {
      if (!Refuse(refused)) _exit(77);
    }
    try {
      body();
    } catch (const CheckFailed& failure) {
      std::fprintf(stderr, "%s\n", failure.message.c_str());
      _exit(1);
    }
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) SKIP("needs seccomp filters");
  CHECK_EQ(status, 0);
}

}  // namespace wasmsh::test

#endif  // WASMSH_TEST_PLATFORM_OLDER_KERNEL_H_
