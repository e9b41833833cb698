#pragma once
// The feature program: how the columns of a query become the feature matrix. The same program
// serves training, prediction and explanation; fitting fills in what only the rows can tell.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/column.h"
#include "base/diagnostic.h"

namespace quern::ir {

/// A column that the program reads.
struct Input {
  std::string name;
  TypeKind kind = TypeKind::float64;
  std::int32_t elements = 0;  ///< lists: elements of each; 0 while only the rows can tell
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

/// One element of a list of numbers; missing where the list or the element is NULL.
struct Element {
  std::int32_t index = 0;
  friend bool operator==(const Element&, const Element&) = default;
};

/// Text as a category: code i for vocabulary[i], the vocabulary in bytewise order. A value that was
/// not seen in training has a code of its own, vocabulary.size(). NULL is missing.
struct Category {
  std::vector<std::string> vocabulary = {};
  friend bool operator==(const Category&, const Category&) = default;
};

/// Text with too many values for a vocabulary: code hash(value) % buckets. NULL is missing.
struct HashedCategory {
  std::uint32_t buckets = 0;
  friend bool operator==(const HashedCategory&, const HashedCategory&) = default;
};

using Transform = std::variant<Number, DatePart, Element, Category, HashedCategory>;

struct Feature {
  std::string name;
  std::size_t input = 0;  ///< index into FeatureProgram::inputs
  Transform transform;
  bool is_category() const {
    return std::holds_alternative<Category>(transform) ||
           std::holds_alternative<HashedCategory>(transform);
  }
  friend bool operator==(const Feature&, const Feature&) = default;
};

struct FeatureProgram {
  std::vector<Input> inputs;
  std::vector<Feature> features;  ///< columns of the feature matrix, in order
  friend bool operator==(const FeatureProgram&, const FeatureProgram&) = default;
};

/// The features of columns by their kinds, not fitted: one named like the column, or `column.part`
/// of a date, or `column[i]` of a list. A list of unknown length gives none yet.
std::vector<Feature> derive_features(const std::vector<Input>& inputs);

/// True while some list's length is not known: then features are to come.
bool is_open(const FeatureProgram& program);

/// What is wrong where a feature has the name of another, as when a column is called `day.year`
/// beside a date `day`. Error: ambiguous_column.
std::optional<Diagnostic> check_names(const FeatureProgram& program, SourceSpan span);

/// "int64", "list of 3": for messages.
std::string kind_text(const Input& input);

std::string_view part_name(Part part);

/// Distinct values up to which text is a category with a vocabulary.
inline constexpr std::size_t kMaxVocabulary = 1000;
/// Buckets of text with more distinct values than that.
inline constexpr std::uint32_t kHashBuckets = 1024;

/// The bucket of a text value. FNV-1a (64 bit), then a multiply-xorshift finish. Part of the model
/// format: it never changes.
std::uint32_t hash_bucket(std::string_view value, std::uint32_t buckets);

/// What a feature is made by: "number", "category of 3".
std::string transform_words(const Feature& feature);

/// The program, one feature a line, for EXPLAIN.
std::string dump(const FeatureProgram& program);

}  // namespace quern::ir
