// SPDX-License-Identifier: Apache-2.0
#include "base/thrown.hpp"

#include <exception>
#include <new>
#include <string>
#include <system_error>

namespace abstractllm {
namespace {

/// Short enough to need no memory.
Error out_of_memory() { return {ErrorKind::internal, "out of memory"}; }

Error describe() {
  try {
    throw;
  } catch (const Exception& exception) {
    return exception.error();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::system_error& error) {
    return {ErrorKind::internal, std::string("the system refused something that the call needs: ") + error.what() +
                                     " (see the limits of this process: ulimit -a)"};
  } catch (const std::exception& exception) {
    return {ErrorKind::internal, std::string("the call was ended by an exception: ") + exception.what()};
  } catch (...) {
    return {ErrorKind::internal, "an exception that is not a std::exception ended the call"};
  }
}

}  // namespace

Error thrown_error() noexcept {
  try {
    return describe();
  } catch (...) {
    return out_of_memory();
  }
}

}  // namespace abstractllm
