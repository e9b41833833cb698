#pragma once
// Whether the terminal shows pictures, and how: asked once, by a question whose answers come like
// keys.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/charts/image.h"

namespace quern::cli {

enum class PictureProtocol : std::uint8_t { none, sixel, kitty };

struct PictureTerminal {
  PictureProtocol protocol = PictureProtocol::none;
  std::size_t cell_width = 10;  ///< in points of the screen
  std::size_t cell_height = 20;
  std::optional<Colour> background = {};
};

/// Writes a question to the terminal and reads on until `answered` is satisfied or time is up.
/// `answered` takes the answers out of all bytes that came; what it leaves was typed, and is kept
/// for the next line.
using AskTerminal = std::function<void(std::string_view question,
                                       const std::function<bool(std::string&)>& answered)>;

/// What the terminal says of itself. Not asked where it is known to have no pictures: those of
/// TERM=linux, tmux and screen among them, which do not hand the question on.
PictureTerminal ask_for_pictures(const AskTerminal& ask);

/// What it is taken for where the user says so; the size of its cells as the system knows it.
PictureTerminal picture_terminal(PictureProtocol protocol);

/// Takes the answers out of `bytes`; true behind the last of them, which every terminal gives.
bool take_picture_answers(std::string& bytes, PictureTerminal& found);

}  // namespace quern::cli
