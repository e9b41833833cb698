#pragma once
// What was typed, kept from session to session in a file of the user's own.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace quern::cli {

/// Entries, the oldest first; of several lines each, as they were typed. The file has one entry a
/// line, line feeds as \n and backslashes doubled. Sessions that run at the same time append to it
/// in turn.
class History {
 public:
  /// \param path  "": nothing is kept. A file that cannot be read or written is none.
  explicit History(std::string path);

  const std::vector<std::string>& entries() const { return entries_; }

  /// Adds an entry, here and to the file, unless it repeats the last one. What holds a password
  /// stays out of the file.
  void add(const std::string& entry);

  /// The file of this user: $XDG_STATE_HOME/quern/history, else ~/.local/state/quern/history;
  /// $QUERN_HISTORY names another, or none where it is empty.
  static std::string default_path();

 private:
  void load();
  /// Writes the file anew, with the newest entries.
  void shorten(const std::string& held) const;
  void append(const std::string& line) const;

  std::string path_;
  std::vector<std::string> entries_;
};

}  // namespace quern::cli
