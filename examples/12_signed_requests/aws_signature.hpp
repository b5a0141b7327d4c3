// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <abstractllm/transport.hpp>
#include <ctime>
#include <string>

/// The AWS credentials, and the region and service of the request.
struct AwsAccess {
  std::string key_id;
  std::string secret_key;
  std::string region;
  std::string service;
};

/// Signs a request with AWS Signature Version 4: adds the headers X-Amz-Date and Authorization. The path must need no
/// escapes. https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html (2026-11)
void sign_for_aws(abstractllm::HttpRequest& request, const AwsAccess& access, std::time_t now);
