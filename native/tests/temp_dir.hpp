// A folder of a test's own, gone with everything in it when the test is over.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace check {

class TempDir {
 public:
  TempDir() {
    const std::string pattern = (std::filesystem::temp_directory_path() / "tvcore-XXXXXX").string();
    std::vector<char> name(pattern.begin(), pattern.end());
    name.push_back('\0');
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp: " + pattern);
    path_ = name.data();
  }
  ~TempDir() {
    std::error_code ignored;  // a leftover folder must not hide what the test found
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace check
