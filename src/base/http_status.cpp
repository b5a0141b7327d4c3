// SPDX-License-Identifier: Apache-2.0
#include "base/http_status.hpp"

namespace abstractllm {

ErrorKind kind_of_status(int status) {
  switch (status) {
    case 401: return ErrorKind::authentication;
    case 402:
    case 403: return ErrorKind::permission;
    case 404: return ErrorKind::not_found;
    case 407: return ErrorKind::not_configured;
    case 408:
    case 409:
    case 425: return ErrorKind::unavailable;  // worth another try, and the SDKs of OpenAI do so
    case 429: return ErrorKind::rate_limited;
    case 501: return ErrorKind::unsupported;  // llama-server: started without what the request needs
    default: break;
  }
  if (status >= 300 && status < 400) return ErrorKind::not_configured;
  if (status >= 500) return ErrorKind::unavailable;
  return status >= 400 ? ErrorKind::invalid_argument : ErrorKind::protocol;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace abstractllm
