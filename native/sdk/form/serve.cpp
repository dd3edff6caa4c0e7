// libtvbrain-serve: another process learns (`tvbrain run`), or none.
#include "../form.hpp"

namespace tvsdk {

const char* const kForm = "serve";

std::unique_ptr<Learning> begin_learning(const LearningOptions&) { return nullptr; }

}  // namespace tvsdk
