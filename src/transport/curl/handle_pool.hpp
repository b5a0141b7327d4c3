// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include "base/process.hpp"

namespace abstractllm {

/// A multi handle, which owns connections, and an easy handle for the one transfer on it. They return to the pool when
/// the lease is destroyed. A lease that a forked child inherits belongs to the parent, and the child does not touch the
/// handles. libcurl does not support connections that handles of several threads share. So whole handles are leased,
/// and the handle that was returned last is leased first. Consecutive calls then find their connection again.
class CurlLease : public ProcessOwned {
 public:
  /// Takes idle handles, or makes new ones. Both are null if memory is exhausted.
  CurlLease();
  ~CurlLease();
  CurlLease(const CurlLease&) = delete;
  CurlLease& operator=(const CurlLease&) = delete;

  /// Returns the handles early. Both are null afterwards.
  void give_back();
  CURLM* multi() const { return multi_; }
  CURL* easy() const { return easy_; }

 private:
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
};

}  // namespace abstractllm
