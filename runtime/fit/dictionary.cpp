// From values in the order of the rows to vocabularies in bytewise order.

#include "runtime/fit/dictionary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace quern::runtime {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

std::optional<ir::TextForNull> for_null_of(const ir::Transform& transform) {
  if (const auto* category = std::get_if<ir::Category>(&transform)) return category->for_null;
  return std::get<ir::HashedCategory>(transform).for_null;
}

float bucket_of(std::string_view value, std::uint32_t buckets) {
  return static_cast<float>(ir::hash_bucket(value, buckets));
}

}  // namespace

Dictionary::Dictionary(const ir::Feature& feature, std::size_t place, bool fixed)
    : place_(place), for_null_(for_null_of(feature.transform)) {
  const auto* hashed = std::get_if<ir::HashedCategory>(&feature.transform);
  if (hashed != nullptr) {
    buckets_ = hashed->buckets;
    way_ = Way::hash;
  }
  const auto* category = std::get_if<ir::Category>(&feature.transform);
  if (fixed && category != nullptr) {
    way_ = Way::fixed;
    may_lack_ = category->most > 0;
    values_ = category->vocabulary;
    for (const auto& value : values_)
      codes_.emplace(value, static_cast<std::uint32_t>(codes_.size()));
  } else if (!fixed &&
             ((category != nullptr && category->most > 0) || (for_null_ && for_null_->by_mode))) {
    way_ = Way::count;
  }
}

void Dictionary::add(const Column& column, float* out, PageStore& pages) {
  // Rows behind the current one must not look like codes when hashing starts in mid-batch.
  std::fill(out, out + column.length, kMissing);
  const bool replaced = for_null_ && (!for_null_->by_mode || way_ != Way::count);
  codegen::TextReader reader;
  for (std::int64_t i = 0; i < column.length; ++i) {
    const auto text = reader.text(column, i);
    if (text) {
      out[i] = code_of(*text, pages);
    } else if (replaced) {
      out[i] = code_of(for_null_->text, pages);
    }
  }
}

float Dictionary::code_of(std::string_view value, PageStore& pages) {
  if (way_ == Way::hash) return bucket_of(value, buckets_);
  const auto found = codes_.find(value);
  if (found == codes_.end()) return new_code(value, pages);
  if (way_ == Way::count) ++counts_[found->second];
  return static_cast<float>(found->second);
}

float Dictionary::new_code(std::string_view value, PageStore& pages) {
  if (way_ == Way::fixed) return unseen_code(value);
  if (way_ == Way::vocabulary && values_.size() == ir::kMaxVocabulary) {
    start_hashing(pages);
    return bucket_of(value, buckets_);
  }
  if (values_.size() == kMostCounted) {
    overflowed_ = true;
    return kMissing;
  }
  const auto code = static_cast<std::uint32_t>(values_.size());
  codes_.emplace(value, code);
  values_.emplace_back(value);
  if (way_ == Way::count) counts_.push_back(1);
  return static_cast<float>(code);
}

float Dictionary::unseen_code(std::string_view value) {
  if (!may_lack_ && unseen_++ == 0) first_unseen_ = value;
  return static_cast<float>(values_.size());
}

void Dictionary::rewrite(PageStore& pages, const std::vector<float>& final_codes,
                         float missing) const {
  pages.rewrite_feature(static_cast<std::int32_t>(place_), [&](float* values, std::int64_t rows) {
    for (std::int64_t i = 0; i < rows; ++i) {
      values[i] =
          std::isnan(values[i]) ? missing : final_codes[static_cast<std::size_t>(values[i])];
    }
  });
}

void Dictionary::start_hashing(PageStore& pages) {
  std::vector<float> buckets;
  for (const auto& value : values_) buckets.push_back(bucket_of(value, buckets_));
  rewrite(pages, buckets, kMissing);
  way_ = Way::hash;
  codes_ = {};
  values_ = {};
}

std::vector<std::string> Dictionary::most_frequent(std::size_t most) const {
  std::vector<std::size_t> order(values_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  most = std::min(most, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(),
                    [&](auto a, auto b) {
                      return counts_[a] != counts_[b] ? counts_[a] > counts_[b]
                                                      : values_[a] < values_[b];
                    });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < most; ++i) out.push_back(values_[order[i]]);
  return out;
}

std::vector<float> Dictionary::make_vocabulary(std::vector<std::string> vocabulary,
                                               ir::Category& category) {
  std::sort(vocabulary.begin(), vocabulary.end());
  std::vector<float> final_codes(values_.size(), static_cast<float>(vocabulary.size()));
  for (std::size_t i = 0; i < vocabulary.size(); ++i)
    final_codes[codes_.at(vocabulary[i])] = static_cast<float>(i);
  category.vocabulary = std::move(vocabulary);
  return final_codes;
}

void Dictionary::fit(ir::Category& category, ir::Feature& feature, PageStore& pages) {
  category.for_null = for_null_;
  const bool hashed = category.most == 0 && values_.size() > ir::kMaxVocabulary;
  if (hashed) {
    feature.transform = ir::HashedCategory{ir::kHashBuckets, for_null_};
    return finish(feature, pages);
  }
  auto codes =
      make_vocabulary(category.most > 0 ? most_frequent(category.most) : values_, category);
  auto missing = kMissing;
  if (for_null_ && for_null_->by_mode && !values_.empty())
    missing = codes[codes_.at(for_null_->text)];
  rewrite(pages, codes, missing);
}

void Dictionary::finish(ir::Feature& feature, PageStore& pages) {
  if (way_ == Way::fixed) return;
  if (way_ == Way::count && for_null_ && for_null_->by_mode && !values_.empty())
    for_null_->text = most_frequent(1).front();
  if (way_ == Way::hash) {
    feature.transform = ir::HashedCategory{buckets_, for_null_};
    return;
  }
  if (auto* category = std::get_if<ir::Category>(&feature.transform))
    return fit(*category, feature, pages);
  feature.transform = ir::HashedCategory{buckets_, for_null_};  // counted for the mode
  std::vector<float> codes;
  for (const auto& value : values_) codes.push_back(bucket_of(value, buckets_));
  const bool replaced = for_null_ && for_null_->by_mode && !values_.empty();
  rewrite(pages, codes, replaced ? bucket_of(for_null_->text, buckets_) : kMissing);
}

}  // namespace quern::runtime
