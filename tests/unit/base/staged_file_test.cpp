// Files that appear whole, and what killed writers leave behind.

#include "base/staged_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace fs = std::filesystem;

namespace {

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    auto name = (fs::temp_directory_path() / "quern-staged-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return path_ / name; }
  std::set<std::string> names() const {
    std::set<std::string> out;
    for (const auto& entry : fs::directory_iterator(path_)) out.insert(entry.path().filename());
    return out;
  }

 private:
  fs::path path_;
};

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("a staged file takes its place whole") {
  const Folder folder;
  const auto path = folder.file("m");
  put(path, "old");
  ::chmod(path.c_str(), 0600);
  {
    auto staged = quern::StagedFile::open(path);
    REQUIRE(staged.ok());
    REQUIRE(staged->write(bytes("new")).ok());
    CHECK(text_of(path) == "old");
    REQUIRE(staged->keep(true).ok());
  }
  CHECK(text_of(path) == "new");
  CHECK(folder.names() == std::set<std::string>{"m"});
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 07777U) == 0600);
}

TEST_CASE("a staged file that is not kept leaves what was there") {
  const Folder folder;
  const auto path = folder.file("m");
  put(path, "old");
  {
    auto staged = quern::StagedFile::open(path);
    REQUIRE(staged.ok());
    REQUIRE(staged->write(bytes("half")).ok());
  }
  CHECK(text_of(path) == "old");
  CHECK(folder.names() == std::set<std::string>{"m"});
}

TEST_CASE("a staged file that may not replace finds one that appeared meanwhile") {
  const Folder folder;
  auto staged = quern::StagedFile::open(folder.file("m"));
  REQUIRE(staged.ok());
  put(folder.file("m"), "theirs");
  const auto kept = staged->keep(false);
  REQUIRE(!kept.ok());
  CHECK(kept.errors().front().code == quern::Code::file_exists);
  CHECK(text_of(folder.file("m")) == "theirs");
}

TEST_CASE("what dead writers left is swept, a living writer's file is not") {
  const Folder folder;
  put(folder.file("m.quern-1"), "of a dead writer");
  put(folder.file("m.quern-x"), "the user's");
  put(folder.file("m.quern-"), "the user's");
  put(folder.file("other.quern-1"), "of another path");
  auto living = quern::StagedFile::open(folder.file("m"));
  REQUIRE(living.ok());
  REQUIRE(living->write(bytes("first")).ok());
  CHECK(folder.names().size() == 4);  // the dead one's went, the living one's came
  CHECK(!folder.names().contains("m.quern-1"));
  auto second = quern::StagedFile::open(folder.file("m"));
  REQUIRE(second.ok());
  REQUIRE(second->write(bytes("second")).ok());
  CHECK(folder.names().size() == 5);
  REQUIRE(second->keep(true).ok());
  REQUIRE(living->keep(true).ok());
  CHECK(text_of(folder.file("m")) == "first");
  CHECK(folder.names() == std::set<std::string>{"m", "m.quern-x", "m.quern-", "other.quern-1"});
}
