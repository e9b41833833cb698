// The file of entries.

#include "cli/history.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace quern::cli {
namespace {

class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              ("quern-history-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("entries come back as they were typed") {
  const Folder folder;
  const auto path = folder.file("new/history");
  const std::vector<std::string> entries{"SELECT 1;", "a\nb\\n c", "\\dt", "日本"};
  History first(path);
  for (const auto& entry : entries) first.add(entry);
  first.add("日本");  // a repetition
  first.add(" \n");
  CHECK(History(path).entries() == entries);
  struct stat is {};
  REQUIRE(::stat(path.c_str(), &is) == 0);
  CHECK((is.st_mode & 0777U) == 0600U);
}

TEST_CASE("secrets stay out of the file") {
  const Folder folder;
  History history(folder.file("secret"));
  history.add("ATTACH 'postgresql://me:hush@host/db' AS x;");
  history.add("CREATE USER a IDENTIFIED BY 'hush';");
  CHECK(history.entries().size() == 2);
  CHECK(content(folder.file("secret")).find("hush") == std::string::npos);
}

TEST_CASE("a long file is shortened, the newest entries stay") {
  const Folder folder;
  const auto path = folder.file("long");
  {
    std::ofstream out(path);
    for (int i = 0; i < 12000; ++i) out << "SELECT " << i << ";\n";
  }
  const History history(path);
  CHECK(history.entries().size() == 5000);
  CHECK(history.entries().back() == "SELECT 11999;");
  CHECK(History(path).entries() == history.entries());
  CHECK(content(path).size() < 100000);
}

TEST_CASE("a file that cannot be is none") {
  const Folder folder;
  History(folder.file("")).add("SELECT 1;");
  History("/proc/nothing/history").add("SELECT 1;");
  History("").add("SELECT 1;");
  std::filesystem::create_symlink("/dev/null", folder.file("link"));
  History(folder.file("link")).add("SELECT 1;");
  SUCCEED("and nothing is thrown");
}

}  // namespace quern::cli
