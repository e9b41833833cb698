#pragma once
// The texts of one feature while rows pass: provisional codes in the pages, and at the end the
// category that they make.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codegen/interpret/features.h"
#include "runtime/dataset/pages.h"

namespace quern::runtime {

/// Fits a Category or a HashedCategory. Not thread-safe.
class Dictionary {
 public:
  /// Distinct values whose frequency can be counted.
  static constexpr std::size_t kMostCounted = 1 << 20;

  /// \param place  of the feature in the pages.
  /// \param fixed  the feature is that of a model to go on from, and stays as it is.
  Dictionary(const ir::Feature& feature, std::size_t place, bool fixed);

  /// Writes a code for each row; may rewrite the pages.
  void add(const Column& column, float* out, PageStore& pages);

  /// Rows whose category a fixed vocabulary does not have, and the first of them.
  std::int64_t unseen() const { return unseen_; }
  const std::string& first_unseen() const { return first_unseen_; }
  /// There were more than kMostCounted values, and they had to be counted.
  bool overflowed() const { return overflowed_; }

  /// Makes the provisional codes in the pages final ones, and fits the feature.
  void finish(ir::Feature& feature, PageStore& pages);

 private:
  enum class Way : std::uint8_t {
    vocabulary,  ///< until there are too many values
    count,       ///< every value and how often it comes
    hash,
    fixed,
  };
  float code_of(std::string_view value, PageStore& pages);
  float new_code(std::string_view value, PageStore& pages);
  float unseen_code(std::string_view value);
  void start_hashing(PageStore& pages);
  void rewrite(PageStore& pages, const std::vector<float>& final_codes, float missing) const;
  std::vector<float> make_vocabulary(std::vector<std::string> vocabulary, ir::Category& category);
  std::vector<std::string> most_frequent(std::size_t most) const;
  void fit(ir::Category& category, ir::Feature& feature, PageStore& pages);

  std::size_t place_;
  Way way_ = Way::vocabulary;
  bool may_lack_ = false;  ///< a fixed vocabulary that leaves rare values out
  std::uint32_t buckets_ = ir::kHashBuckets;
  std::optional<ir::TextForNull> for_null_;
  codegen::TextCodes codes_;
  std::vector<std::string> values_;  ///< by provisional code
  std::vector<std::int64_t> counts_;
  bool overflowed_ = false;
  std::int64_t unseen_ = 0;
  std::string first_unseen_;
};

}  // namespace quern::runtime
