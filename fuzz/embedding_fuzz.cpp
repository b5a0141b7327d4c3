// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the answer to a request for vectors or for a ranking, of each protocol that has them.
#include <cmath>
#include <string>

#include "fuzzing.hpp"
#include "protocols/protocols.hpp"

namespace {

using abstractllm::fuzzing::require;

void check_error(const abstractllm::Error& error) {
  const bool reported = error.message.find("reported within the answer") != std::string::npos;
  require(reported || error.kind == abstractllm::ErrorKind::protocol, "a bad answer is the server's");
  require(!error.message.empty(), "an error says what is wrong");
}

void check_vectors(const abstractllm::Result<abstractllm::Embeddings>& read) {
  if (!read) return check_error(read.error());
  require(read->size() * read->dimensions() == read->values().size(), "each text has a vector of the same length");
  for (const float number : read->values()) require(std::isfinite(number), "all numbers are finite");
  if (!read->empty()) require((*read)[read->size() - 1].size() == read->dimensions(), "the last vector is whole");
}

void check_ranking(const abstractllm::Result<abstractllm::Ranking>& read) {
  if (!read) return check_error(read.error());
  const auto& documents = read->documents;
  for (std::size_t at = 0; at < documents.size(); ++at) {
    require(std::isfinite(documents[at].score), "all scores are finite");
    if (at > 0) require(documents[at - 1].score >= documents[at].score, "the best comes first");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = abstractllm::fuzzing::text_of(data, size);
  for (const std::string_view name : abstractllm::protocol_names()) {
    const auto protocol = abstractllm::find_protocol(name);
    if (const auto* embed = protocol->embed()) check_vectors(embed->decode(body));
    if (const auto* rerank = protocol->rerank()) check_ranking(rerank->decode(body));
  }
  return 0;
}
