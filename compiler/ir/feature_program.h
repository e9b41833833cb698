#pragma once
// The feature program: how the columns of a query become the feature matrix. The same program
// serves training, prediction and explanation; fitting fills in what only the rows can tell.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/column.h"

namespace quern::ir {

/// A column that the program reads.
struct Input {
  std::string name;
  TypeKind kind = TypeKind::float64;
  friend bool operator==(const Input&, const Input&) = default;
};

/// A number as it is, a boolean as 0 or 1. Rule: float32(double(x)); NULL and NaN are missing.
struct Number {
  friend bool operator==(const Number&, const Number&) = default;
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

struct Feature {
  std::string name;
  std::size_t input = 0;  ///< index into FeatureProgram::inputs
  std::variant<Number, Category, HashedCategory> transform;
  bool is_category() const { return !std::holds_alternative<Number>(transform); }
  friend bool operator==(const Feature&, const Feature&) = default;
};

struct FeatureProgram {
  std::vector<Input> inputs;
  std::vector<Feature> features;  ///< columns of the feature matrix, in order
  friend bool operator==(const FeatureProgram&, const FeatureProgram&) = default;
};

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
