// Time of recommend, rows, similar, search and of a new history view, in the core and on one thread.
//
//   cmake --preset dev && cmake --build --preset dev --target ranker_bench
//   build/dev/ranker_bench [FILE.tvpack] [calls]
//
// Without a pack: 23,000 made-up titles with 384 numbers and 50 weights each. The history has 200 completed titles,
// those with the most popular weights; moment and screen token differ in every call, and one event in ten calls makes a
// new view. Prints one JSON object a figure.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "pack_builder.hpp"
#include "tvcore/dot.hpp"
#include "tvcore/normal.hpp"
#include "tvcore/rows.hpp"

using namespace tvcore;

namespace {

constexpr int64_t kNow = 1700000000000;

struct Random {
  uint64_t state;
  uint64_t below(uint64_t bound) { return tie_of(0, ++state) % bound; }
};

std::shared_ptr<const Pack> made_up(uint32_t titles) {
  Random random{1};
  check::PackBuilder builder;
  builder.dimension = 384;
  builder.with_weights = true;
  const char* const providers[] = {"aa", "bb", "cc", "dd"};
  for (uint32_t i = 0; i < titles; ++i) {
    check::TestTitle one;
    one.id = std::string(providers[random.below(4)]) + ":" + std::to_string(i);
    one.title = "Title " + std::to_string(random.below(100000)) + " of the night";
    one.age = static_cast<int>(random.below(19));
    one.genres = {"g" + std::to_string(random.below(30)), "h" + std::to_string(random.below(20))};
    one.popularity = static_cast<uint32_t>(random.below(1 + 300 / (1 + random.below(300))));
    for (int d = 0; d < 384; ++d) {
      one.vector.push_back(static_cast<int8_t>(static_cast<int>(random.below(255)) - 127));
    }
    one.scale_q30 = 1u << 19;
    for (int w = 0; i < 8000 && w < 50; ++w) {
      const auto column = static_cast<uint32_t>(random.below(1 + random.below(8000)));
      one.weights[column] = static_cast<int8_t>(static_cast<int>(random.below(148)) - 20);
    }
    one.weight_scale_q24 = 13000;
    builder.titles.push_back(one);
  }
  return builder.pack();
}

template <typename Call>
void measure(const char* name, int calls, const Call& call) {
  std::vector<double> micros;
  for (int i = 0; i < calls / 10 + 10; ++i) call(i);
  for (int i = 0; i < calls; ++i) {
    const auto from = std::chrono::steady_clock::now();
    call(i);
    const auto to = std::chrono::steady_clock::now();
    micros.push_back(std::chrono::duration<double, std::micro>(to - from).count());
  }
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double share) {
    return micros[static_cast<size_t>(share * static_cast<double>(micros.size() - 1))];
  };
  std::printf(
      "{\"name\":\"%s\",\"unit\":\"us\",\"p50\":%.1f,\"p99\":%.1f,\"p99.9\":%.1f,\"n\":%d,"
      "\"kernel\":\"%s\"}\n",
      name, at(0.5), at(0.99), at(0.999), calls, active_kernel().name);
}

}  // namespace

int main(int argc, char** argv) {
  std::shared_ptr<const Pack> pack;
  if (argc > 1) {
    if (Status status = Pack::open(argv[1], &pack); !status.ok()) {
      std::fprintf(stderr, "%s\n", status.text().c_str());
      return 1;
    }
  } else {
    pack = made_up(23000);
  }
  const int calls = argc > 2 ? std::atoi(argv[2]) : 2000;
  std::shared_ptr<const Stack> stack;
  if (!Stack::build({pack}, &stack).ok()) return 1;
  const auto build_from = std::chrono::steady_clock::now();
  const auto ranker = Ranker::build(stack);
  const std::chrono::duration<double, std::milli> build_ms =
      std::chrono::steady_clock::now() - build_from;

  std::vector<uint32_t> rows_by_popularity;
  for (uint32_t row = 0; row < pack->rows(); ++row) {
    if (pack->weights(row).count != 0) rows_by_popularity.push_back(row);
  }
  std::sort(rows_by_popularity.begin(), rows_by_popularity.end(), [&](uint32_t a, uint32_t b) {
    return pack->item(a).popularity > pack->item(b).popularity;
  });
  Fold fold(1);
  Random random{uint64_t{1} << 40};
  const auto complete = [&](uint32_t row) {
    Event event;
    event.kind = Kind::kComplete;
    event.profile = 1;
    event.item = pack->item(row).key;
    event.at_ms = kNow - 1000;
    fold.apply(event);
  };
  // Every third of the popular ones: a history that leaves popular titles to recommend.
  for (size_t i = 0; i < 600 && i < rows_by_popularity.size(); i += 3) {
    complete(rows_by_popularity[i]);
  }
  size_t weighed = 0;
  auto view = HistoryView::build(stack, fold, nullptr, 0);
  for (const Title& title : view->titles()) {
    weighed += pack->weights(stack->row_of(title.slot)).count != 0 ? 1 : 0;
  }
  Profile profile;
  profile.max_age = 16;
  for (size_t i = 0; i + 1 < stack->provider_names().size() && i < kMaxEntitlements; ++i) {
    profile.entitlements.push_back(stack->provider_names()[i]);
  }
  Request request;
  Scratch scratch;
  Slate slate;
  Screen screen;
  const auto prepare = [&](int i) {
    request.rules = make_rules(profile, *stack, "", "", kNow + i * 60000);
    request.screen_token = static_cast<uint64_t>(i) * 77;
  };
  prepare(0);
  ranker->recommend(*view, request, scratch, &slate);
  std::printf(
      "{\"titles\":%u,\"history\":%zu,\"with weights\":%zu,\"eligible\":%u,\"vectors\":%u,"
      "\"build ms\":%.1f}\n",
      stack->slots(), view->titles().size(), weighed, slate.eligible, pack->dimension(),
      build_ms.count());

  measure("recommend", calls, [&](int i) {
    prepare(i);
    ranker->recommend(*view, request, scratch, &slate);
  });
  measure("recommend, a new view in ten calls", calls, [&](int i) {
    prepare(i);
    if (i % 10 == 0) {
      complete(static_cast<uint32_t>(random.below(pack->rows())));
      view = HistoryView::build(stack, fold, nullptr, 0, view.get());
    }
    ranker->recommend(*view, request, scratch, &slate);
  });
  measure("view after an event", calls,
          [&](int) { view = HistoryView::build(stack, fold, nullptr, 0, view.get()); });
  request.weights_q12[kTermText] = 0;
  measure("recommend without text", calls, [&](int i) {
    prepare(i);
    ranker->recommend(*view, request, scratch, &slate);
  });
  request.weights_q12 = kDefaultWeights;
  measure("rows", calls, [&](int i) {
    prepare(i);
    rows(*ranker, *view, request, 6, scratch, &screen);
  });
  measure("similar", calls, [&](int i) {
    prepare(i);
    ranker->similar(*view, static_cast<uint32_t>(i) % stack->slots(), request, scratch, &slate);
  });
  Explanation why;
  measure("explain", calls, [&](int i) {
    prepare(i);
    ranker->explain(*view, static_cast<uint32_t>(i) % stack->slots(), request, scratch, &why);
  });
  const std::string texts[] = {"the", "star", "night of", "s", "nothing like this"};
  measure("search", calls, [&](int i) {
    prepare(i);
    ranker->search(*view, texts[i % 5], nullptr, request, scratch, &slate);
  });
  return 0;
}
