#pragma once
// How far a long statement has come, for front ends to show.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace quern {

struct Progress {
  enum class Stage : std::uint8_t { scan, fit, train, predict, evaluate, explain, write };
  Stage stage = Stage::scan;
  std::int64_t rows = 0;  ///< rows done in scan, predict, evaluate, explain and write
  int round = 0;          ///< training rounds done
  int rounds = 0;         ///< training rounds in all
  int fold = 0;           ///< from 1 where parts are kept apart in turn; 0: the model itself
  int folds = 0;
  int trial = 0;  ///< from 1 where several are made; 0: the model itself
  int trials = 0;
  double seconds = 0;  ///< since the stage began
  /// "train mlogloss" and its value after this round.
  std::vector<std::pair<std::string, double>> metrics = {};
};

}  // namespace quern
