// SPDX-License-Identifier: Apache-2.0
// Writes a made model that sees, for llama-server and for us: FOLDER/tiny.gguf, FOLDER/mmproj-tiny.gguf, two pictures,
// and a recording.
// Usage: write_tiny_vision FOLDER
#include <cstdio>
#include <fstream>
#include <string>

#include "support/pictures.hpp"
#include "support/sounds.hpp"
#include "support/tiny_model.hpp"
#include "support/tiny_projector.hpp"

using namespace abstractllm::testing_support;

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: write_tiny_vision FOLDER\n"), 2;
  const std::string folder = std::string(argv[1]) + "/";
  write_tiny_model(folder + "tiny.gguf");
  write_tiny_projector(folder + "mmproj-tiny.gguf");
  std::ofstream(folder + "red.png", std::ios::binary) << png(32, 32, red);
  std::ofstream(folder + "squares.png", std::ios::binary) << png_checkerboard(32, 32);
  std::ofstream(folder + "call.wav", std::ios::binary) << wav(800);
}
