#include "tvcore/pack_folder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "tvcore/file.hpp"

namespace tvcore {

namespace {

// The side packs of the predecessor have its suffix: they serve when it has to.
bool is_side_name(const std::string& name) {
  const auto ends = [&name](const std::string& with) {
    return name.size() > with.size() + 5 &&
           name.compare(name.size() - with.size(), with.size(), with) == 0;
  };
  return name.rfind("side-", 0) == 0 && (ends(".tvpack") || ends(".tvpack.1"));
}

void note(std::string* detail, const Status& status) {
  if (!detail->empty()) *detail += "; ";
  *detail += status.text();
}

// The base to use and its path, or the failure of the factory pack.
Status choose_base(const std::string& factory, const std::string& folder, std::string* detail,
                   std::string* path, std::shared_ptr<const Pack>* out) {
  std::shared_ptr<const Pack> shipped;
  const Status factory_status = Pack::open(factory, &shipped);
  for (const char* name : {"/base.tvpack", "/base.tvpack.1"}) {
    std::shared_ptr<const Pack> installed;
    const Status status = Pack::open(folder + name, &installed);
    if (status.code() == Code::kNoFile) continue;
    if (!status.ok()) {
      note(detail, status);
      continue;
    }
    if (installed->side()) {
      note(detail, Status(Code::kPack, folder + name + ": a side pack cannot be the base"));
      continue;
    }
    if (shipped != nullptr && installed->built_at() < shipped->built_at()) break;
    *path = folder + name;
    *out = std::move(installed);
    return Status();
  }
  if (!factory_status.ok()) return factory_status;
  if (shipped->side()) return Status(Code::kPack, factory + ": a side pack cannot be the base");
  *path = factory;
  *out = std::move(shipped);
  return Status();
}

}  // namespace

Status choose_packs(const std::string& factory, const std::string& folder, PackChoice* out) {
  PackChoice choice;
  std::string base_path;
  std::shared_ptr<const Pack> base;
  Status status = choose_base(factory, folder, &choice.detail, &base_path, &base);
  if (!status.ok()) return status;

  struct Side {
    uint32_t ordinal;
    std::string path;
    std::shared_ptr<const Pack> pack;
  };
  std::vector<Side> sides;
  std::vector<std::string> names;
  if (list_folder(folder, &names).ok()) {
    for (const std::string& name : names) {
      if (!is_side_name(name)) continue;
      std::shared_ptr<const Pack> pack;
      status = Pack::open(folder + "/" + name, &pack);
      if (!status.ok()) {
        note(&choice.detail, status);
      } else if (pack->base_hash() == base->content_hash()) {
        sides.push_back({pack->ordinal(), folder + "/" + name, std::move(pack)});
      }  // the side pack of another base waits for that base
    }
  }
  std::sort(sides.begin(), sides.end(), [](const Side& a, const Side& b) {
    return a.ordinal != b.ordinal ? a.ordinal < b.ordinal : a.path < b.path;
  });
  if (sides.size() > kMaxPacks - 1) {
    note(&choice.detail,
         Status(Code::kLimit, folder + ": more than 15 side packs; the first ones are used"));
    sides.resize(kMaxPacks - 1);
  }
  // A side pack that does not stack costs itself and those after it, never the base.
  for (;;) {
    std::vector<std::shared_ptr<const Pack>> packs{base};
    choice.paths = {base_path};
    for (const Side& side : sides) {
      packs.push_back(side.pack);
      choice.paths.push_back(side.path);
    }
    status = Stack::build(std::move(packs), &choice.stack);
    if (status.ok()) break;
    if (sides.empty()) return status;
    note(&choice.detail, status);
    sides.pop_back();
  }
  *out = std::move(choice);
  return Status();
}

std::string packs_fingerprint(const std::string& folder) {
  std::vector<std::string> names;
  if (!list_folder(folder, &names).ok()) return "";
  std::sort(names.begin(), names.end());
  std::string print;
  for (const std::string& name : names) {
    if (name.find(".tvpack") == std::string::npos || name.find(".tmp") != std::string::npos)
      continue;
    struct stat info{};
    if (stat((folder + "/" + name).c_str(), &info) != 0) continue;
    print += name + ":" + std::to_string(info.st_ino) + ":" + std::to_string(info.st_size) + ":" +
             std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + ";";
  }
  return print;
}

}  // namespace tvcore
