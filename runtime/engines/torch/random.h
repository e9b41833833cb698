#pragma once
// Random numbers that are the same everywhere: the engine is fixed by the C++ standard, what is
// made of its bits is fixed here.

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <utility>
#include <vector>

namespace quern::runtime::training {

class Random {
 public:
  /// \param stream  tells apart what is drawn from one seed for different ends
  Random(std::uint64_t seed, std::uint64_t stream) : bits_(mix(seed ^ mix(stream))) {}

  /// From 0 up to 1, 1 excluded.
  double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
  double normal() {  // Box and Muller 1958; its other half is not kept
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }
  /// Below `end`, by multiplication: off by less than end / 2^64.
  std::uint64_t below(std::uint64_t end) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits_()) * end) >> 64);
  }
  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  static std::uint64_t mix(std::uint64_t x) {  // the finaliser of splitmix64
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
  }
  std::mt19937_64 bits_;
};

}  // namespace quern::runtime::training
