// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include "base/process.hpp"

namespace abstractllm {

/// A multi handle, which owns connections, and an easy handle for the one transfer on it. Given back when it is
/// destroyed. A lease that a forked child inherits is the parent's: the child leaves the handles alone. libcurl does
/// not support connections shared between handles of several threads; so whole handles are leased, and the one that was
/// given back last is leased first: sequential calls meet their connection again.
class CurlLease : public ProcessOwned {
 public:
  /// Takes idle handles, or makes new ones; both are null where memory is out.
  CurlLease();
  ~CurlLease();
  CurlLease(const CurlLease&) = delete;
  CurlLease& operator=(const CurlLease&) = delete;

  /// Before its time: both are null then.
  void give_back();
  CURLM* multi() const { return multi_; }
  CURL* easy() const { return easy_; }

 private:
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
};

}  // namespace abstractllm
