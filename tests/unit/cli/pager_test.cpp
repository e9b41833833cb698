// Rows that are fewer than a screen, while more of them may come. Pagers themselves are run in
// tests/repl.

#include "cli/pager.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace quern::cli {
namespace {

/// The standard output, into a pipe as long as this lives.
class Output {
 public:
  Output() {
    REQUIRE(::pipe(ends_.data()) == 0);
    std::fflush(stdout);
    before_ = ::dup(STDOUT_FILENO);
    ::dup2(ends_[1], STDOUT_FILENO);
    ::close(ends_[1]);
  }
  ~Output() {
    std::fflush(stdout);
    ::dup2(before_, STDOUT_FILENO);
    ::close(before_);
    ::close(ends_[0]);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// What comes next; "" where nothing does for very long.
  std::string next() const {
    pollfd there{ends_[0], POLLIN, 0};
    std::array<char, 4096> buffer;
    const auto count =
        ::poll(&there, 1, 60000) > 0 ? ::read(ends_[0], buffer.data(), buffer.size()) : 0;
    return {buffer.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  int before_ = -1;
};

void put(Pager& pager, const char* text) {
  std::fputs(text, pager.stream());
  std::fflush(pager.stream());
}

}  // namespace

TEST_CASE("rows that wait are seen before the others come") {
  std::array<std::string, 3> seen;
  bool begun = true;
  {
    const Output output;
    Pager pager(24, [] {});
    begun = pager.begun();
    put(pager, "one\n");
    seen[0] = output.next();  // the query goes on, and gives nothing for a while
    put(pager, "two\n");
    seen[1] = output.next();
    put(pager, "three\n");
    pager.end();
    seen[2] = output.next();
  }
  CHECK_FALSE(begun);
  CHECK(seen == std::array<std::string, 3>{"one\n", "two\n", "three\n"});
}

TEST_CASE("what was seen is not shown again without a pager") {
  ::setenv("PAGER", "", 1);
  std::string all;
  {
    const Output output;
    Pager pager(4, [] {});
    put(pager, "1\n");
    all += output.next();
    put(pager, "2\n3\n");
    put(pager, "4\n");
    pager.end();
    while (all.size() < 8) all += output.next();
  }
  CHECK(all == "1\n2\n3\n4\n");
}

}  // namespace quern::cli
