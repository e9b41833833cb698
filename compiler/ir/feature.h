#pragma once
// A feature: what is read of a column, and the steps behind it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/column.h"
#include "compiler/ir/feature_steps.h"
#include "compiler/ir/network_use.h"

namespace quern::ir {

/// A column that the program reads.
struct Input {
  std::string name;
  TypeKind kind = TypeKind::float64;
  /// Elements of each list, or of each text in DENSE without a size; 0 while only the rows can
  /// tell.
  std::int32_t elements = 0;
  friend bool operator==(const Input&, const Input&) = default;
};

/// A number as it is, a boolean as 0 or 1, a time or interval in seconds. Rule: float32(double(x));
/// NULL and NaN are missing.
struct Number {
  friend bool operator==(const Number&, const Number&) = default;
};

/// What a date or timestamp is made of, each under the name that SQL's extract() has for it where
/// there is one. The last four are of timestamps; `epoch_days` is of both.
enum class Part : std::uint8_t {
  year,
  month,
  day,
  isodow,      ///< 1 for Monday to 7 for Sunday
  doy,         ///< 1 to 366
  epoch_days,  ///< days since 1970-01-01, with the fraction of the day
  hour,
  minute,
  second_of_day,  ///< with its fraction
};

/// A part of a date or timestamp, in the proleptic Gregorian calendar, in UTC where it has a zone.
/// Of +-infinity only epoch_days is not missing.
struct DatePart {
  Part part = Part::year;
  friend bool operator==(const DatePart&, const DatePart&) = default;
};

/// One element of a list of numbers, or of text like "1, 2.5, 3"; missing where the list or the
/// element is NULL.
struct Element {
  std::int32_t index = 0;
  std::string delimiter = {};  ///< of text; empty: a comma
  std::int32_t of = 0;         ///< of text: the elements that there must be
  bool ragged = false;         ///< of text: or fewer; those behind the last are missing
  friend bool operator==(const Element&, const Element&) = default;
};

/// A text in place of NULL: `text`, or the most frequent one of the rows, which is then fitted.
struct TextForNull {
  bool by_mode = false;
  std::string text = {};
  friend bool operator==(const TextForNull&, const TextForNull&) = default;
};

/// Text as a category: code i for vocabulary[i], the vocabulary in bytewise order. A value that was
/// not seen in training has a code of its own, vocabulary.size(). NULL is missing. Numbers and
/// booleans are read as text_of() writes them.
struct Category {
  std::vector<std::string> vocabulary = {};
  /// The most frequent values of training that the vocabulary holds at most; 0: all of them, or
  /// hashed where there are more than kMaxVocabulary.
  std::uint32_t most = 0;
  std::optional<TextForNull> for_null = {};
  friend bool operator==(const Category&, const Category&) = default;
};

/// Text with too many values for a vocabulary: code hash(value) % buckets. NULL is missing.
struct HashedCategory {
  std::uint32_t buckets = 0;
  std::optional<TextForNull> for_null = {};
  friend bool operator==(const HashedCategory&, const HashedCategory&) = default;
};

/// One column of a Cross: its values as text, or those of what is made of it. No step is fitted.
struct CrossKey {
  std::size_t input = 0;
  std::optional<Part> part = {};
  std::vector<Step> steps = {};
  friend bool operator==(const CrossKey&, const CrossKey&) = default;
};

/// What several columns hold at the same time, as one category: cross_hash() of their texts %
/// buckets. Missing where one of them is.
struct Cross {
  std::vector<CrossKey> keys;
  std::uint32_t buckets = 0;
  friend bool operator==(const Cross&, const Cross&) = default;
};

using Transform = std::variant<Number, DatePart, Element, Category, HashedCategory, Cross>;

struct Feature {
  std::string name;
  std::size_t input = 0;  ///< index into FeatureProgram::inputs; of a Cross that of its first key
  Transform transform;
  std::vector<Step> steps = {};  ///< of a number; the last may make a category of it
  bool hidden = false;           ///< read by a group only, and no column of the matrix
  /// Of a network that is to be trained; empty: as its towers take features by themselves. A stored
  /// model's network says it in its place.
  std::vector<NetworkUse> uses = {};
  bool is_category() const {
    if (!steps.empty()) return std::holds_alternative<Identity>(steps.back());
    return std::holds_alternative<Category>(transform) ||
           std::holds_alternative<HashedCategory>(transform) ||
           std::holds_alternative<Cross>(transform);
  }
  friend bool operator==(const Feature&, const Feature&) = default;
};

std::string_view part_name(Part part);
std::optional<Part> find_part(std::string_view name);

/// Distinct values up to which text is a category with a vocabulary.
inline constexpr std::size_t kMaxVocabulary = 1000;
/// Buckets of text with more distinct values than that.
inline constexpr std::uint32_t kHashBuckets = 1024;

/// The bucket of a text value. FNV-1a (64 bit), then a multiply-xorshift finish. Part of the model
/// format: it never changes.
std::uint32_t hash_bucket(std::string_view value, std::uint32_t buckets);

/// A Cross's hash, key by key: begins with kFnvBasis. Part of the model format.
std::uint64_t cross_hash(std::uint64_t so_far, std::string_view value);

/// "int64", "list of 3": for messages.
std::string kind_text(const Input& input);

/// What a feature is made by: "number", "category of 3", "number, logarithm".
std::string transform_words(const Feature& feature);

}  // namespace quern::ir
