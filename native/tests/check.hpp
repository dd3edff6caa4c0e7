// The native tests' assertions and runner: one include, one executable a test file.
//
//   TEST("a torn record ends the replay at the last whole one") {
//     CHECK(reader.ok());
//     CHECK_EQ(reader.count(), 3u);
//   }
//
// A failed check prints file:line and both values, and the case goes on; REQUIRE ends the case.
// Exit code 1 if anything failed. An argument runs only the cases whose name contains it. Random
// tests take their numbers from Random with a seed of their own, and their counts from scaled():
// full when TVBRAIN_TEST_SCALE=full, a tenth (reduced) otherwise, or any factor given as a number.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace check {

struct Case {
  const char* name;
  void (*run)();
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

inline int& failures() {
  static int count = 0;
  return count;
}

struct Register {
  Register(const char* name, void (*run)()) { cases().push_back({name, run}); }
};

// Ends the running case; thrown by REQUIRE only.
struct Abandon {};

inline void fail(const char* file, int line, const std::string& what) {
  ++failures();
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
}

template <typename T>
std::string show(const T& value) {
  std::ostringstream out;
  out.precision(17);
  if constexpr (std::is_enum_v<T>) {
    out << static_cast<long long>(value);
  } else if constexpr (std::is_same_v<T, uint8_t> || std::is_same_v<T, int8_t>) {
    out << static_cast<int>(value);
  } else {
    out << value;
  }
  return out.str();
}

template <typename A, typename B>
bool check_eq(const A& got, const B& wanted, const char* text, const char* file, int line) {
  if (got == wanted) return true;
  fail(file, line, std::string(text) + ": " + show(got) + " != " + show(wanted));
  return false;
}

template <typename Status>
bool check_ok(const Status& status, const char* text, const char* file, int line) {
  if (status.ok()) return true;
  fail(file, line, std::string(text) + ": " + status.text());
  return false;
}

// splitmix64 (Steele, Lea and Flood 2014): the same numbers from the same seed on every platform.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }

  // In [0, bound); bound > 0. The bias of the modulo is far below what a test could see.
  uint64_t below(uint64_t bound) { return next() % bound; }

  // In [low, high], both included.
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low) + 1));
  }

  // In [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  bool chance(double probability) { return unit() < probability; }

 private:
  uint64_t state_;
};

inline double scale() {
  const char* text = std::getenv("TVBRAIN_TEST_SCALE");
  if (text == nullptr || *text == '\0' || std::strcmp(text, "reduced") == 0) return 0.1;
  if (std::strcmp(text, "full") == 0) return 1.0;
  char* end = nullptr;
  const double factor = std::strtod(text, &end);
  if (*end != '\0' || !(factor > 0.0)) {
    std::fprintf(stderr, "TVBRAIN_TEST_SCALE: '%s' is neither full, reduced nor a factor\n", text);
    std::exit(2);
  }
  return factor;
}

// The iterations of a random test that does `full` of them at full size; at least 1.
inline int scaled(int full) {
  const int count = static_cast<int>(full * scale());
  return count > 0 ? count : 1;
}

inline int run(int argc, char** argv) {
  const char* wanted = argc > 1 ? argv[1] : "";
  int ran = 0;
  int failed = 0;
  for (const Case& one : cases()) {
    if (std::strstr(one.name, wanted) == nullptr) continue;
    ++ran;
    const int before = failures();
    try {
      one.run();
    } catch (const Abandon&) {
    } catch (const std::exception& error) {
      fail(one.name, 0, std::string("threw ") + error.what());
    }
    const bool good = failures() == before;
    failed += good ? 0 : 1;
    std::printf("%s %s\n", good ? "ok    " : "FAILED", one.name);
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", ran - failed, failed);
  return failed == 0 && ran > 0 ? 0 : 1;
}

}  // namespace check

#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)

#define TEST(name) TEST_(name, CHECK_JOIN(test_case_, __LINE__))
#define TEST_(name, function)                                                \
  static void function();                                                    \
  static const ::check::Register CHECK_JOIN(function, _reg)(name, function); \
  static void function()

#define CHECK(condition)                                                          \
  do {                                                                            \
    if (!(condition)) ::check::fail(__FILE__, __LINE__, "CHECK(" #condition ")"); \
  } while (false)

#define REQUIRE(condition)                                          \
  do {                                                              \
    if (!(condition)) {                                             \
      ::check::fail(__FILE__, __LINE__, "REQUIRE(" #condition ")"); \
      throw ::check::Abandon{};                                     \
    }                                                               \
  } while (false)

#define CHECK_EQ(got, wanted) \
  (void)::check::check_eq((got), (wanted), "CHECK_EQ(" #got ", " #wanted ")", __FILE__, __LINE__)

// For a tvcore::Status that must be a success: prints its text if it is not. REQUIRE_OK ends the case.
#define CHECK_OK(expression) (void)CHECK_OK_(expression, "CHECK_OK(" #expression ")")
#define REQUIRE_OK(expression)                                                           \
  do {                                                                                   \
    if (!CHECK_OK_(expression, "REQUIRE_OK(" #expression ")")) throw ::check::Abandon{}; \
  } while (false)
#define CHECK_OK_(expression, text) ::check::check_ok((expression), text, __FILE__, __LINE__)

int main(int argc, char** argv) { return ::check::run(argc, argv); }
