#pragma once

#include <string>

namespace quern::testing {

// Keys and certificates for 127.0.0.1, made by openssl in a folder. Any failure ends the test program with a message.
class Certificates {
 public:
  // Makes an authority: ca.pem.
  explicit Certificates(std::string folder);

  // Makes NAME.key and NAME.pem, which the authority signs.
  void Sign(const std::string& name) const;

  std::string ca() const { return File("ca.pem"); }
  std::string certificate(const std::string& name) const { return File(name + ".pem"); }
  std::string key(const std::string& name) const { return File(name + ".key"); }

 private:
  std::string File(const std::string& name) const { return folder_ + "/" + name; }

  const std::string folder_;
};

}  // namespace quern::testing
