// A library for LD_PRELOAD that makes one chosen call of a process go wrong: the tests of this
// folder run quern under it. Calls are numbered from 1 in the order they are made:
//
//   QUERN_FAULT        what happens at the chosen call: "kill" (SIGKILL before it), "full" (a write
//                      fails with ENOSPC, and so do all later ones), "memory" (an allocation
//                      fails), "count" (nothing)
//   QUERN_FAULT_AT     the number of the call
//   QUERN_FAULT_COUNT  a file that gets the number of calls made, when the process ends
//
// "kill" and "full" number the calls that change regular files, "memory" the allocations of at
// least QUERN_FAULT_BYTES (default 1) that Quern's own code asks operator new for.

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

enum class Fault { none, kill, full, memory };

struct Range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

std::atomic<long> calls{0};
std::atomic<int> range_count{0};
Range ranges[8];

Fault fault_of_environment() {
  const char* what = std::getenv("QUERN_FAULT");
  if (what == nullptr) return Fault::none;
  if (std::strcmp(what, "kill") == 0) return Fault::kill;
  if (std::strcmp(what, "full") == 0) return Fault::full;
  if (std::strcmp(what, "memory") == 0) return Fault::memory;
  return Fault::none;
}

long number(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atol(text);
}

const Fault fault = fault_of_environment();
const long chosen = number("QUERN_FAULT_AT", 0);
const long least_bytes = number("QUERN_FAULT_BYTES", 1);
const bool counts_memory = std::getenv("QUERN_FAULT_BYTES") != nullptr;

bool is_file(int descriptor) {
  struct stat about {};
  return fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
}

/// True where this call, which would change a file, has to fail.
bool fails_file_call() {
  if (counts_memory) return false;
  const long call = ++calls;
  if (fault == Fault::kill && call == chosen) raise(SIGKILL);
  return fault == Fault::full && chosen > 0 && call >= chosen;
}

int full() {
  errno = ENOSPC;
  return -1;
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int add_range(dl_phdr_info* info, std::size_t /*size*/, void* /*data*/) {
  const char* name = std::strrchr(info->dlpi_name, '/');
  if (name == nullptr || std::strstr(name, "quern") == nullptr) return 0;
  if (std::strstr(name, "fault") != nullptr) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    const int at = range_count.load();
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0 || at == 8) continue;
    ranges[at] = {info->dlpi_addr + segment.p_vaddr,
                  info->dlpi_addr + segment.p_vaddr + segment.p_memsz};
    range_count = at + 1;
  }
  return 0;
}

bool is_ours(const void* caller) {
  const auto address = reinterpret_cast<std::uintptr_t>(caller);
  for (int i = 0; i < range_count; ++i) {
    if (address >= ranges[i].begin && address < ranges[i].end) return true;
  }
  return false;
}

/// Quern loads plug-ins as it goes, so where its code lies is asked again now and then.
void look_for_ranges() {
  static std::atomic<long> asked{0};
  if (asked++ % 256 != 0) return;
  range_count = 0;
  dl_iterate_phdr(&add_range, nullptr);
}

void* allocate(std::size_t size, const void* caller) {
  if (counts_memory && static_cast<long>(size) >= least_bytes) {
    look_for_ranges();
    if (is_ours(caller) && ++calls == chosen && fault == Fault::memory) throw std::bad_alloc();
  }
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

struct Report {
  ~Report() {
    const char* path = std::getenv("QUERN_FAULT_COUNT");
    if (path == nullptr) return;
    const long made = calls;
    if (std::FILE* file = std::fopen(path, "w")) {
      std::fprintf(file, "%ld\n", made);
      std::fclose(file);
    }
  }
} report;

}  // namespace

// The rest of the tree hides its symbols; these must be found.
#pragma GCC visibility push(default)

extern "C" {

ssize_t write(int descriptor, const void* data, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  if (is_file(descriptor) && fails_file_call()) return full();
  return real(descriptor, data, size);
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  if (is_file(descriptor) && fails_file_call()) return full();
  return real(descriptor, data, size, at);
}

int fsync(int descriptor) {
  static const auto real = next<int (*)(int)>("fsync");
  fails_file_call();
  return real(descriptor);
}

int ftruncate(int descriptor, off_t size) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  fails_file_call();
  return real(descriptor, size);
}

int posix_fallocate(int descriptor, off_t at, off_t size) {
  static const auto real = next<int (*)(int, off_t, off_t)>("posix_fallocate");
  if (fails_file_call()) return ENOSPC;
  return real(descriptor, at, size);
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  fails_file_call();
  return real(from, to);
}

int link(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("link");
  if (fails_file_call()) return full();
  return real(from, to);
}

int unlink(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("unlink");
  fails_file_call();
  return real(path);
}

}  // extern "C"

void* operator new(std::size_t size) { return allocate(size, __builtin_return_address(0)); }
void* operator new[](std::size_t size) { return allocate(size, __builtin_return_address(0)); }

#pragma GCC visibility pop
