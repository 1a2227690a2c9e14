#pragma once

#include <string>
#include <vector>

#include "quern/v1/job.pb.h"

namespace quern::cli {

// Jobs in words. Pure functions.

// "filter", "persona", …: a stage as people and the JSON of `inspect` name it.
std::string StageText(v1::StageName stage);

// "running", "paused", …
std::string StateText(v1::JobState state);

// "job NAME", with its state unless it is running, and the reason for a pause.
std::string JobTitle(const v1::Job& job);

// What its money is counted in.
std::string CurrencyOf(const v1::Job& job);

// One for each server that does not answer, with the reason.
std::vector<std::string> DownTexts(const v1::Job& job);

// Several lines: state, dataset, both equations, reasons of rejections and dead letters, domains, backlog.
std::string JobReport(const v1::Job& job);

// One line for a list of jobs, ending in the reason for a pause.
std::string JobLine(const v1::Job& job);

}  // namespace quern::cli
