// Sparse rows in a file: of each group its offsets, then its entries.

#include "runtime/dataset/sparse_block.h"

#include <numeric>
#include <span>
#include <type_traits>

namespace quern::runtime {
namespace {

static_assert(std::is_trivially_copyable_v<codegen::SparseEntry>);

/// Goes through the arrays of groups in the file's order.
class Place {
 public:
  explicit Place(std::size_t at) : at_(at) {}

  template <typename T, typename Move>
  void next(std::span<T> values, Move move) {
    move(at_, values);
    at_ += values.size_bytes();
  }

 private:
  std::size_t at_;
};

}  // namespace

std::vector<SparseBlock::Size> SparseBlock::sizes_of(const Groups& groups) {
  std::vector<Size> out;
  for (const auto& group : groups) out.push_back({group.offsets.size(), group.entries.size()});
  return out;
}

std::size_t SparseBlock::bytes_of(const std::vector<Size>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::size_t{0},
                         [](std::size_t sum, const Size& size) {
                           return sum + size.offsets * sizeof(std::int64_t) +
                                  size.entries * sizeof(codegen::SparseEntry);
                         });
}

std::size_t SparseBlock::bytes() const {
  return bytes_of(in_memory() ? sizes_of(groups_) : sizes_);
}

void SparseBlock::shrink() {
  for (auto& group : groups_) {
    group.offsets.shrink_to_fit();
    group.entries.shrink_to_fit();
  }
}

void SparseBlock::move_to(std::shared_ptr<NamelessFile> file) {
  file_ = std::move(file);
  store(groups_);
  groups_ = {};
}

void SparseBlock::store(const Groups& groups) {
  sizes_ = sizes_of(groups);
  const auto bytes = bytes_of(sizes_);
  if (bytes > room_) {
    at_ = file_->extend(bytes);
    room_ = bytes;
  }
  const auto write = [&](std::size_t at, auto values) { file_->write(at, std::as_bytes(values)); };
  Place place(at_);
  for (const auto& group : groups) {
    place.next(std::span(group.offsets), write);
    place.next(std::span(group.entries), write);
  }
}

SparseBlock::Groups SparseBlock::load() const {
  Groups out(sizes_.size());
  const auto read = [&](std::size_t at, auto values) {
    file_->read(at, std::as_writable_bytes(values));
  };
  Place place(at_);
  for (std::size_t g = 0; g < out.size(); ++g) {
    out[g].offsets.resize(sizes_[g].offsets);
    out[g].entries.resize(sizes_[g].entries);
    place.next(std::span(out[g].offsets), read);
    place.next(std::span(out[g].entries), read);
  }
  return out;
}

}  // namespace quern::runtime
