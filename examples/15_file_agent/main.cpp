// SPDX-License-Identifier: Apache-2.0
// A model works on the text files of one folder. Before it writes, it asks.
// Usage: example_file_agent PROVIDER MODEL FOLDER TASK
#include <abstractllm/abstractllm.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace llm = abstractllm;
namespace fs = std::filesystem;

namespace {

/// The path of a file of `folder`, which is canonical. Another process that changes links meanwhile can deceive it.
llm::Result<fs::path> inside(const fs::path& folder, const std::string& name) {
  const llm::Error refused(llm::ErrorKind::invalid_argument, "'" + name + "' is no file inside the folder");
  const fs::path given(name);
  if (given.is_absolute() || std::find(given.begin(), given.end(), "..") != given.end()) return refused;
  const fs::path path = fs::weakly_canonical(folder / given);
  if (std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first != folder.end()) return refused;
  // A link that leads nowhere is not resolved, and writing would follow it. A pipe would block.
  const fs::file_status status = fs::symlink_status(path);
  if (fs::exists(status) && !fs::is_regular_file(status)) return refused;
  return path;
}

std::vector<std::string> list_files(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied))
    if (entry.is_regular_file() && !entry.is_symlink())
      names.push_back(entry.path().lexically_relative(folder).string());
  return names;
}

llm::Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return llm::Error(llm::ErrorKind::not_found, "cannot read this file");
  if (fs::file_size(path) > 1'000'000) return llm::Error(llm::ErrorKind::unsupported, "the file is over 1 MB");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

llm::Result<void> write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << text << std::flush)) return llm::Error(llm::ErrorKind::tool_failed, "cannot write this file");
  return {};
}

/// Everything but printable ASCII is shown as a number of base 16, so that the question cannot be disguised.
llm::Approval ask(const llm::ToolCall& call, llm::ToolContext&) {
  if (call.name != "write_file") return llm::Approval::allow();
  std::cerr << "\n" << call.name << " ";
  for (const unsigned char byte : call.arguments_json) {
    if (byte >= ' ' && byte <= '~') std::cerr << byte;
    else std::cerr << "\\x" << std::hex << int{byte} << std::dec;
  }
  std::cerr << "\nAllow? [y/N] ";
  std::string line;
  return std::getline(std::cin, line) && line == "y" ? llm::Approval::allow() : llm::Approval::deny();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) return std::cerr << "usage: example_file_agent PROVIDER MODEL FOLDER TASK\n", 2;
  const fs::path folder = fs::canonical(argv[3]);
  const llm::Param name("name", "Path of the file, relative to the folder");
  // A tool may outlive the call that runs it, so a lambda captures by value.
  const std::vector<llm::Tool> tools = {
      llm::Tool::from("list_files", "Lists all files", [folder] { return list_files(folder); }),
      llm::Tool::from(
          "read_file", "Reads a text file",
          [folder](const std::string& file) { return inside(folder, file).and_then(read_file); }, name),
      llm::Tool::from(
          "write_file", "Writes a text file, in place of an older one",
          [folder](const std::string& file, const std::string& text) {
            return inside(folder, file).and_then([&](const fs::path& path) { return write_file(path, text); });
          },
          name, llm::Param("text", "The whole content"))};
  const llm::Llm model = llm::create_llm(argv[1], llm::Options().model(argv[2])).value();
  for (const llm::StreamEvent& event :
       model.stream(argv[4], llm::Options().tools(tools).approve_tool(ask).max_tool_rounds(20))) {
    if (const auto* text = std::get_if<llm::TextDelta>(&event)) std::cout << text->text << std::flush;
    if (const auto* result = std::get_if<llm::ToolResult>(&event))
      std::cerr << "[" << result->name << (result->is_error ? ": " + result->text : "") << "]\n";
  }
  std::cout << "\n";
  return 0;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << "\n";
  return 1;
}
