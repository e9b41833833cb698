#pragma once
// What the benchmarks of forests share: rows, forests that XGBoost trains on them, and XGBoost's
// own answers.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "codegen/forest/forest.h"

namespace quern::bench {

inline constexpr std::int32_t kFeatures = 28;

/// Row-major values, some of them missing.
struct Rows {
  std::int64_t count = 0;
  std::int32_t features = kFeatures;
  std::vector<float> values;

  std::vector<float> by_column() const;
};

Rows make_rows(std::int64_t count, unsigned seed, std::int32_t features = kFeatures);

/// A number for each row, of all features.
std::vector<float> labels_of(const Rows& rows);

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// A forest of XGBoost's. Ends the program where the library fails.
class Booster {
 public:
  /// Trains on histograms; answers then run on one thread.
  static Booster train(const Rows& rows, const std::vector<float>& labels, int rounds,
                       const Parameters& parameters);
  ~Booster();
  Booster(Booster&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Booster(const Booster&) = delete;

  codegen::Forest forest() const;
  void save(const std::string& path) const;
  /// Margins [rows, outputs], without a copy of the rows.
  std::vector<float> margins(const Rows& rows) const;
  /// pred_contribs of the first rows: [count, outputs, features + 1].
  std::vector<float> contributions(const Rows& rows, std::int64_t count) const;

 private:
  explicit Booster(void* handle) : handle_(handle) {}
  void* handle_;
};

/// The processor's time that work took: what else runs on the machine does not add to it.
double seconds_of(const std::function<void()>& work);

/// What alternating runs gave, sorted.
struct Runs {
  std::vector<double> ours;    ///< seconds
  std::vector<double> ratios;  ///< the peer's seconds over ours

  double median_ratio() const { return ratios[ratios.size() / 2]; }
  double median_time() const { return ours[ours.size() / 2]; }
};

/// Runs both in turn. \param peer_part  the part of our rows that the peer is given.
Runs run_in_turn(int runs, const std::function<void()>& peer, const std::function<void()>& ours,
                 double peer_part = 1);

}  // namespace quern::bench
