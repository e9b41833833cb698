// The widest text gives way first.

#include "cli/table_cut.h"

#include <algorithm>
#include <numeric>

namespace quern::cli {
namespace {

constexpr std::size_t kLeast = 10;
constexpr std::size_t kGap = 1;  ///< an ellipsis

/// " a | b | c": two blanks around, three columns between.
std::size_t total(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) + 3 * widths.size();
}

std::vector<std::size_t> capped(const std::vector<TableColumn>& table, std::size_t cap) {
  std::vector<std::size_t> out;
  for (const auto& column : table)
    out.push_back(column.may_be_cut ? std::min(column.width, cap) : column.width);
  return out;
}

}  // namespace

TableCut cut_table(const std::vector<TableColumn>& table, std::size_t columns) {
  TableCut out;
  out.shown.resize(table.size());
  std::iota(out.shown.begin(), out.shown.end(), std::size_t{0});
  std::size_t cap = kLeast;
  for (const auto& column : table) cap = std::max(cap, column.width);
  out.widths = capped(table, cap);
  if (columns == 0 || total(out.widths) <= columns + 1) return out;
  // The largest cap that fits, by halving; none may: then the least.
  std::size_t low = kLeast, high = cap;
  while (low < high) {
    const auto middle = (low + high + 1) / 2;
    if (total(capped(table, middle)) <= columns + 1)
      low = middle;
    else
      high = middle - 1;
  }
  out.widths = capped(table, low);
  while (out.shown.size() > 1 &&
         total(out.widths) + (out.left_out > 0 ? kGap + 3 : 0) > columns + 1) {
    const auto victim =
        static_cast<std::ptrdiff_t>(out.shown.size() > 2 ? out.shown.size() - 2 : 1);
    out.shown.erase(out.shown.begin() + victim);
    out.widths.erase(out.widths.begin() + victim);
    ++out.left_out;
  }
  if (out.shown.size() == 1 && table.front().may_be_cut)
    out.widths[0] = std::min(out.widths[0], std::max<std::size_t>(columns, 4) - 2);
  return out;
}

}  // namespace quern::cli
