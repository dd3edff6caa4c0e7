#include "tvn.h"

#if defined(__clang__)
extern "C" const char* tvn_compiler(void) { return "clang " __clang_version__; }
#else
extern "C" const char* tvn_compiler(void) { return "gcc " __VERSION__; }
#endif
