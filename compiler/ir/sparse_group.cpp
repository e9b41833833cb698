// Words of groups.

#include "compiler/ir/sparse_group.h"

#include "base/box.h"

namespace quern::ir {

std::string group_words(const SparseGroup& group) {
  auto out = std::visit(Overloaded{
                            [](const SparseText& s) {
                              return std::string(s.weighted ? "sparse text" : "sparse ids");
                            },
                            [](const DenseText&) { return std::string("numbers of text"); },
                            [](const OneHot&) { return std::string("one of"); },
                            [](const Ngrams& n) {
                              return "sequences of up to " + std::to_string(n.words) + " words";
                            },
                        },
                        group.source);
  return out + (group.width == 0 ? ", as wide as the rows say"
                                 : ", " + std::to_string(group.width) + " wide");
}

}  // namespace quern::ir
