#pragma once
// Rows that are more than a screen go to the user's pager while they come: memory stays flat, and
// who has seen enough ends the query with the pager. Fewer are held for a moment only: those of a
// slow query are seen while it runs, and again in the pager where more of them come.

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

namespace quern::cli {

/// True where what is paged may have colours: less, told to, shows them.
bool pager_has_colours();

/// One result after another. $PAGER says which program; unset, it is less, which then gets -SRX;
/// empty, or where there is none, everything goes straight to the terminal.
class Pager {
 public:
  /// \param rows  of the terminal.
  /// \param stop  called in begin()'s thread when the user has left the pager before the end.
  Pager(std::size_t rows, std::function<void()> stop);
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

  /// The stream of this result; belongs to the pager.
  std::FILE* stream();
  /// Shows what is held, or waits until the user has left the pager.
  void end();

  bool running() const;
  /// Rows have come.
  bool begun() const;
  /// The user left before the end.
  bool left() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quern::cli
