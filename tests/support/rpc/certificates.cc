#include "tests/support/rpc/certificates.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "tests/support/child_process.h"

namespace quern::testing {
namespace {

void Openssl(std::vector<std::string> words) {
  words.insert(words.begin(), "/usr/bin/openssl");
  ChildProcess openssl(words);
  if (openssl.Wait(absl::Seconds(60)) == 0) return;
  std::fputs(openssl.Stderr().c_str(), stderr);
  std::abort();
}

}  // namespace

Certificates::Certificates(std::string folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  Openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
           "/CN=quern test CA", "-keyout", File("ca.key"), "-out", ca()});
}

void Certificates::Sign(const std::string& name) const {
  Openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name, "-keyout",
           key(name), "-out", File(name + ".csr")});
  std::ofstream(File("names")) << "subjectAltName=IP:127.0.0.1,DNS:" << name << "\n";
  Openssl({"x509", "-req", "-in", File(name + ".csr"), "-CA", ca(), "-CAkey", File("ca.key"), "-CAcreateserial",
           "-days", "2", "-extfile", File("names"), "-out", certificate(name)});
}

}  // namespace quern::testing
