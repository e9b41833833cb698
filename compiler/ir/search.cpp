// Draws, combinations and their words.

#include "compiler/ir/search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <set>

#include "base/format.h"
#include "base/hash.h"

namespace quern::ir {
namespace {

/// Draws that may repeat an earlier trial before the first free combination is taken.
constexpr int kAttempts = 1000;

bool is_whole(const Setting& setting) { return setting.spec->type == AttributeType::integer; }

double whole_numbers(const SearchRange& range) { return range.high - range.low + 1; }

double size_of(const Setting& setting) {
  const auto& space = *setting.search;
  if (!space.range) return static_cast<double>(space.choices.size());
  return is_whole(setting) ? whole_numbers(*space.range) : std::numeric_limits<double>::infinity();
}

/// Even over [0, 1).
double unit(std::string_view name, std::int64_t seed, int trial, int attempt) {
  auto h = fold_hash(fnv1a(name), static_cast<std::uint64_t>(seed));
  h = fold_hash(h, static_cast<std::uint64_t>(trial));
  h = fold_hash(h, static_cast<std::uint64_t>(attempt));
  return static_cast<double>(h >> 11) * 0x1p-53;
}

double between(double low, double high, bool log, double u) {
  if (!log) return low + u * (high - low);
  return std::exp(std::log(low) + u * (std::log(high) - std::log(low)));
}

double six_digits(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return std::strtod(text.data(), nullptr);
}

AttributeValue drawn(const Setting& setting, double u) {
  const auto& space = *setting.search;
  if (!space.range) {
    const auto count = space.choices.size();
    return space
        .choices[std::min(count - 1, static_cast<std::size_t>(u * static_cast<double>(count)))];
  }
  const auto& [low, high, log] = *space.range;
  if (!is_whole(setting)) return std::clamp(six_digits(between(low, high, log, u)), low, high);
  return static_cast<std::int64_t>(
      std::clamp(std::floor(between(low, high + 1, log, u)), low, high));
}

ChosenValues draw(const std::vector<const Setting*>& space, std::int64_t seed, int trial,
                  int attempt) {
  ChosenValues out;
  for (const auto* setting : space) {
    out.push_back(
        {setting->spec, drawn(*setting, unit(setting->spec->name, seed, trial, attempt))});
  }
  return out;
}

/// The combination of this number, of as many as combinations() says; the last attribute changes
/// fastest.
ChosenValues combination(const std::vector<const Setting*>& space, std::int64_t number) {
  ChosenValues out(space.size());
  for (std::size_t i = space.size(); i-- > 0;) {
    const auto& setting = *space[i];
    const auto size = static_cast<std::int64_t>(size_of(setting));
    const auto place = number % size;
    number /= size;
    out[i].spec = setting.spec;
    if (const auto& range = setting.search->range)
      out[i].value = static_cast<std::int64_t>(range->low) + place;
    else
      out[i].value = setting.search->choices[static_cast<std::size_t>(place)];
  }
  return out;
}

std::vector<ChosenValues> grid(const std::vector<const Setting*>& space, double count) {
  std::vector<ChosenValues> out;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i)
    out.push_back(combination(space, i));
  return out;
}

class Drawer {
 public:
  Drawer(std::vector<const Setting*> space, std::int64_t seed, double count)
      : space_(std::move(space)), seed_(seed), count_(count) {}

  ChosenValues next() {
    ++trial_;
    ChosenValues out;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      out = draw(space_, seed_, trial_, attempt);
      if (seen_.insert(format_values(out)).second) return out;
    }
    const auto most = std::isfinite(count_) ? std::min(count_, 9e15) : 0;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(most); ++i) {
      auto free = combination(space_, i);
      if (seen_.insert(format_values(free)).second) return free;
    }
    return out;
  }

 private:
  std::vector<const Setting*> space_;
  std::int64_t seed_;
  double count_;
  int trial_ = 0;
  std::set<std::string> seen_;
};

}  // namespace

std::string_view algorithm_name(TuneAlgorithm algorithm) {
  switch (algorithm) {
    case TuneAlgorithm::random: return "random";
    case TuneAlgorithm::grid: return "grid";
    case TuneAlgorithm::halving: return "halving";
  }
  return "";
}

std::vector<const Setting*> searched(const std::vector<Setting>& settings) {
  std::vector<const Setting*> out;
  for (const auto& setting : settings) {
    if (setting.search) out.push_back(&setting);
  }
  std::sort(out.begin(), out.end(),
            [](const Setting* a, const Setting* b) { return a->spec->name < b->spec->name; });
  return out;
}

double combinations(const std::vector<Setting>& settings) {
  double out = 1;
  for (const auto* setting : searched(settings)) out *= size_of(*setting);
  return out;
}

std::vector<ChosenValues> trials_of(const Tuning& tuning, const std::vector<Setting>& settings,
                                    std::int64_t seed) {
  const auto count = combinations(settings);
  if (tuning.algorithm == TuneAlgorithm::grid) return grid(searched(settings), count);
  Drawer drawer(searched(settings), seed, count);
  std::vector<ChosenValues> out;
  for (int trial = 0; trial < tuning.trials; ++trial) out.push_back(drawer.next());
  return out;
}

void choose(std::vector<Setting>& settings, const ChosenValues& values) {
  for (auto& setting : settings) {
    for (const auto& chosen : values) {
      if (chosen.spec == setting.spec) setting.value = chosen.value;
    }
    setting.search.reset();
  }
}

std::string format_number(double value) {
  return std::floor(value) == value && std::abs(value) < 1e16
             ? std::to_string(static_cast<std::int64_t>(value))
             : format_double(value);
}

std::string format_values(const ChosenValues& values) {
  std::string out;
  for (const auto& [spec, value] : values)
    out += (out.empty() ? "" : ", ") + spec->name + " " + format_attribute(value);
  return out;
}

std::string format_search(const SearchSpace& space) {
  if (const auto& range = space.range) {
    return "RANGE(" + format_number(range->low) + ", " + format_number(range->high) +
           (range->log ? ", 'log')" : ")");
  }
  std::string out;
  for (const auto& choice : space.choices)
    out += (out.empty() ? "" : ", ") + format_attribute(choice);
  return "CHOICE(" + out + ")";
}

}  // namespace quern::ir
