// SPDX-License-Identifier: Apache-2.0
#include "tool_program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include "child_process.hpp"

namespace abstractllm::cli {
namespace {

constexpr std::size_t enough_bytes = 1 << 20;

ToolProgram shell(const std::string& script, std::size_t most_bytes = enough_bytes) {
  return {{"/bin/sh", "-c", script}, environment_without_keys({}), most_bytes};
}

Result<std::string> run(const std::string& script, std::string_view input = "{}") {
  return shell(script).run(input, {});
}

/// Waits until the process is gone. It is not a child of this one, so it is gone when signals find nobody.
bool is_gone(pid_t pid) {
  for (int round = 0; round < 500; ++round) {
    if (kill(pid, 0) != 0) return true;
    // An orphan that nobody reaps stays a zombie.
    const std::string path = "/proc/" + std::to_string(pid) + "/stat";
    char text[512] = {};
    if (const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC); file >= 0) {
      const ssize_t count = read(file, text, sizeof(text) - 1);
      close(file);
      if (count > 0 && std::string_view(text).find(") Z") != std::string_view::npos) return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

class ToolPrograms : public testing::Test {
 protected:
  // The tool does the same.
  ToolPrograms() { std::signal(SIGPIPE, SIG_IGN); }
};

TEST_F(ToolPrograms, GetTheArgumentsAndGiveTheResult) {
  EXPECT_EQ(*run("cat; printf ' and more'", R"({"city":"Paris"})"), R"({"city":"Paris"} and more)");
  EXPECT_EQ(*run("printf 'x\\n'; echo said >&2"), "x\n") << "as it is, without standard error";
  EXPECT_EQ(*run("true"), "");
  EXPECT_EQ(*run("printf 'a\\377b'"),
            "a\xff"
            "b");
  const ToolProgram words({"printf", "%s|", "$HOME", "a b", ""}, environment_without_keys({}), enough_bytes);
  EXPECT_EQ(*words.run("{}", {}), "$HOME|a b||") << "no shell, and PATH is searched";
}

TEST_F(ToolPrograms, AnErrorHasTheStatusAndTheEndOfStandardError) {
  const auto failed = run("echo wrong >&2; echo out; exit 3");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::tool_failed);
  EXPECT_EQ(failed.error().message, "the command '/bin/sh' ended with exit status 3: wrong");
  EXPECT_EQ(run("exit 1").error().message, "the command '/bin/sh' ended with exit status 1");
  EXPECT_EQ(run("kill -SEGV $$").error().message, "the command '/bin/sh' was killed by signal 11 (Segmentation fault)");
  const auto loud = run("head -c 3000000 /dev/zero | tr '\\0' e >&2; printf 'é last' >&2; exit 1");
  ASSERT_FALSE(loud);
  EXPECT_TRUE(loud.error().message.ends_with("eeeé last"));
  EXPECT_LT(loud.error().message.size(), 2200u);
  EXPECT_NE(loud.error().message.find("The end of its standard error: …e"), std::string::npos);
}

TEST_F(ToolPrograms, AProgramThatIsNotThereIsAnError) {
  const ToolProgram missing({"no_such_program_here"}, {}, enough_bytes);
  const auto failed = missing.run("{}", {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::tool_failed);
  EXPECT_EQ(failed.error().message, "the command 'no_such_program_here' cannot be started: No such file or directory");
  EXPECT_EQ(ToolProgram({"/"}, {}, 10).run("", {}).error().message,
            "the command '/' cannot be started: Permission denied");
}

TEST_F(ToolPrograms, NeedNotReadTheirInput) {
  const std::string large(10'000'000, 'x');
  EXPECT_EQ(*run("echo done", large), "done\n");
  EXPECT_EQ(*run("exec <&-; echo closed", large), "closed\n");
  EXPECT_EQ(*run("cat | wc -c", large), "10000000\n");
  const auto echoed = shell("cat", 20'000'000).run(large, {});
  ASSERT_TRUE(echoed);
  EXPECT_EQ(echoed->size(), large.size()) << "both ways at once";
}

TEST_F(ToolPrograms, OutputIsBounded) {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const auto cut = shell("head -c 50000000 /dev/zero | tr '\\0' y", 1000).run("{}", {});
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  ASSERT_TRUE(cut);
  EXPECT_GT(cut->size(), 1000u) << "so that the library sees that it is too large";
  EXPECT_LT(cut->size(), 1300u);
  EXPECT_TRUE(cut->ends_with("[The rest is left out: the command wrote more than 1000 bytes.]"));
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 50'000) << "KiB";
  EXPECT_EQ(*shell("printf 12345", 5).run("", {}), "12345");
}

TEST_F(ToolPrograms, AStopEndsTheWholeGroup) {
  std::stop_source stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop.request_stop();
  });
  const std::string file = testing::TempDir() + "group_of_a_tool_" + std::to_string(getpid());
  const auto stopped =
      shell("trap '' TERM; sleep 1000 & echo $! > " + file + "; wait; sleep 1000").run("{}", stop.get_token());
  stopper.join();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  std::string pid(20, '\0');
  const int opened = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(opened, 0);
  ASSERT_GT(read(opened, pid.data(), pid.size()), 0);
  close(opened);
  unlink(file.c_str());
  EXPECT_TRUE(is_gone(std::stoi(pid)));
}

TEST_F(ToolPrograms, AStopThatCameBeforeStopsAtOnce) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(shell("sleep 1000").run("{}", stop.get_token()).error().kind, ErrorKind::cancelled);
}

TEST_F(ToolPrograms, WhatAProgramStartedDoesNotHoldTheResult) {
  const auto result = run("sleep 1000 & echo $!");
  ASSERT_TRUE(result);
  EXPECT_TRUE(is_gone(std::stoi(*result)));
}

TEST_F(ToolPrograms, WhatLeftTheGroupDoesNotHoldTheResultEither) {
  const auto result = run("setsid sleep 1000 & echo $!");
  ASSERT_TRUE(result);
  kill(std::stoi(*result), SIGKILL);
}

TEST_F(ToolPrograms, MayCloseTheirOutputAndGoOn) {
  EXPECT_EQ(*run("echo first; exec >&- 2>&-; sleep 0.2"), "first\n");
  EXPECT_EQ(run("exec >&- 2>&-; sleep 0.1; exit 7").error().message, "the command '/bin/sh' ended with exit status 7");
}

TEST_F(ToolPrograms, InheritNeitherDescriptorsNorSignalsNorATerminal) {
  const int open_here = open("/dev/null", O_RDONLY);  // NOLINT(android-cloexec-open): that is the point
  EXPECT_EQ(*run("ls /proc/self/fd | tr '\\n' ' '"), "0 1 2 3 ") << "3 is the folder that ls reads";
  close(open_here);
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto masks = run("grep SigBlk /proc/self/status | cut -f2; grep SigIgn /proc/self/status | cut -f2");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(masks);
  constexpr unsigned long long standard_signals = 0x7fffffff;  // glibc keeps two others to itself
  EXPECT_EQ(std::stoull(masks->substr(0, 16), nullptr, 16), 0u);
  EXPECT_EQ(std::stoull(masks->substr(17), nullptr, 16) & standard_signals, 0u) << "SIGPIPE is ignored here";
  EXPECT_EQ(*run("(: < /dev/tty) 2>/dev/null && echo terminal || echo none"), "none\n");
}

TEST_F(ToolPrograms, SeeNoKeysButThoseThatTheyList) {
  setenv("OPENAI_API_KEY", "secret-1", 1);
  setenv("HF_TOKEN", "secret-2", 1);
  setenv("ANTHROPIC_AUTH_TOKEN", "secret-3", 1);
  setenv("ABSTRACTLLM_TEST_OTHER", "kept", 1);
  const ToolProgram none({"env"}, environment_without_keys({}), enough_bytes);
  const ToolProgram one({"env"}, environment_without_keys({"HF_TOKEN"}), enough_bytes);
  const std::string without = *none.run("", {});
  EXPECT_EQ(without.find("secret"), std::string::npos);
  EXPECT_NE(without.find("ABSTRACTLLM_TEST_OTHER=kept"), std::string::npos);
  const std::string with = *one.run("", {});
  EXPECT_NE(with.find("HF_TOKEN=secret-2"), std::string::npos);
  EXPECT_EQ(with.find("secret-1"), std::string::npos);
  for (const char* name : {"OPENAI_API_KEY", "HF_TOKEN", "ANTHROPIC_AUTH_TOKEN", "ABSTRACTLLM_TEST_OTHER"})
    unsetenv(name);
}

TEST_F(ToolPrograms, RunSideBySide) {
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&right, i] {
      for (int round = 0; round < 10; ++round) {
        const std::string input(100'000, static_cast<char>('a' + i));
        if (const auto result = run("cat", input); result && *result == input) ++right;
      }
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(right, 80);
}

TEST_F(ToolPrograms, AreEndedWithThisProcess) {
  std::atomic<bool> over = false;
  std::thread runner([&] {
    const auto result = run("trap 'exit 9' TERM; while :; do sleep 0.05; done");
    EXPECT_FALSE(result);
    over = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_FALSE(over);
  end_child_processes();
  runner.join();
}

}  // namespace
}  // namespace abstractllm::cli
