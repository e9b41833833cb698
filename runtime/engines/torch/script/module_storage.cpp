// Sizes of records against sizes of storages, and places of elements against those.

#include "runtime/engines/torch/script/module_storage.h"

#define AT_PER_OPERATOR_HEADERS

#include <ATen/core/Tensor.h>
#include <caffe2/serialize/inline_container.h>

#include <sstream>
#include <string>

namespace quern::runtime::training {
namespace {

/// Elements from the storage's first to the tensor's last; -1 where they do not count so.
std::int64_t extent(const at::Tensor& tensor) {
  if (tensor.numel() == 0) return 0;
  std::int64_t last = tensor.storage_offset();
  if (last < 0) return -1;
  for (std::int64_t d = 0; d < tensor.dim(); ++d) {
    std::int64_t step = 0;
    const auto size = tensor.size(d), stride = tensor.stride(d);
    if (size < 1 || stride < 0 || __builtin_mul_overflow(size - 1, stride, &step) ||
        __builtin_add_overflow(last, step, &last))
      return -1;
  }
  return last + 1;
}

}  // namespace

ModuleStorage::ModuleStorage(const std::vector<std::uint8_t>& file) {
  std::istringstream stream(std::string(file.begin(), file.end()));
  caffe2::serialize::PyTorchStreamReader reader(&stream);
  for (const auto& name : reader.getAllRecords()) {
    if (name.starts_with("data/") || name.starts_with("constants/"))
      records_.insert(std::get<1>(reader.getRecord(name)));
  }
}

bool ModuleStorage::holds(const c10::IValue& value) {
  if (value.isTensor()) return holds(value.toTensor());
  if (!value.isTuple() && !value.isList() && !value.isGenericDict()) return true;
  c10::IValue::HashAliasedIValues parts;
  value.getSubValues(parts);
  for (const auto& part : parts) {
    if (part.isTensor() && !holds(part.toTensor())) return false;
  }
  return true;
}

bool ModuleStorage::holds(const at::Tensor& tensor) {
  if (!tensor.defined()) return true;
  if (!tensor.has_storage()) return false;
  const auto& storage = tensor.storage();
  const auto bytes = static_cast<std::int64_t>(storage.nbytes());
  const auto elements = extent(tensor);
  if (elements < 0 || elements > bytes / static_cast<std::int64_t>(tensor.element_size()))
    return false;
  if (bytes == 0 || !known_.insert(storage.data()).second) return true;
  const auto record = records_.find(storage.nbytes());
  if (record == records_.end()) return false;
  records_.erase(record);
  return true;
}

}  // namespace quern::runtime::training
