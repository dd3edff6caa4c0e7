// Why a title is there: its largest term, and the title or genre to name (docs/ranking.md, "Reasons").
#pragma once

#include "scoring.hpp"

namespace tvcore {

constexpr size_t kSimilarAmong = 64;

// Whether a reason may name a live slot: it passes the profile's own filter and is not unwanted.
bool may_be_named(const Scoring& scoring, uint32_t slot);
// The same of the view's title number `place`, found out once a call.
bool may_speak(const Scoring& scoring, uint32_t place);

// Fills reason, reason_slot and reason_genre of picks whose slot and terms are known.
void give_reasons(const Scoring& scoring, Pick* picks, size_t count);

// Of two contributors, the one to name first.
bool speaks_before(int32_t addend_a, const Title& a, int32_t addend_b, const Title& b);

}  // namespace tvcore
