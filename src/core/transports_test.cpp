// SPDX-License-Identifier: Apache-2.0
#include "core/transports.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

class NoTransport final : public Transport {
 public:
  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest>) override {
    return Error(ErrorKind::network, "unplugged");
  }
};

class TransportsTest : public testing::Test {
 protected:
  TransportsTest() {
    own.name = "own";
    own.transport = [this](const Options& options) -> Result<std::shared_ptr<Transport>> {
      seen.push_back(options);
      auto made = std::make_shared<NoTransport>();
      alive.push_back(made);
      return std::shared_ptr<Transport>(made);
    };
    http.name = "http";
  }
  std::shared_ptr<Transport> get(const Provider& provider, const Options& options) {
    return transports.get(provider, options).value();
  }
  std::ptrdiff_t kept() const {
    return std::count_if(alive.begin(), alive.end(), [](const auto& each) { return !each.expired(); });
  }

  Provider own;
  Provider http;
  Transports transports;
  std::vector<Options> seen;
  std::vector<std::weak_ptr<Transport>> alive;
};

TEST_F(TransportsTest, OfAProviderOfItsOwnNeverServeAnotherCaller) {
  const Options ada = Options().model("m").api_key("ada");
  const auto first = get(own, ada);
  EXPECT_EQ(get(own, ada), first);
  for (const Options& other :
       {Options(ada).api_key("bob"), Options(ada).extra_headers({{"X-User", "bob"}}), Options(ada).base_url("http://b"),
        Options(ada).model("n"), Options(ada).protocol("p"), Options(ada).max_connections_per_host(1),
        Options(ada).insecure(true), Options(ada).context_size(512), Options(ada).engine_args({"--x"})})
    EXPECT_NE(get(own, other), first) << other.to_json();
  ASSERT_EQ(seen.size(), 10u);
  EXPECT_EQ(*seen[1].api_key(), "bob");
  EXPECT_EQ(seen[2].extra_headers()->front().second, "bob");
}

TEST_F(TransportsTest, KeepOnlyTheOptionsThatMatterToThem) {
  Options options = Options().model("m").temperature(1).system_prompt("s").timeout(std::chrono::seconds(1));
  const auto first = get(own, options.image(Image::bytes(std::string(1000, 'x'))));
  EXPECT_EQ(get(own, Options().model("m").temperature(0)), first);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].to_json(), Options().model("m").to_json());
}

TEST_F(TransportsTest, OverHttpServeEveryModelAndKey) {
  const auto first = get(http, Options().model("m").api_key("ada").base_url("http://a"));
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(get(http, Options().model(std::to_string(i)).api_key("bob").base_url("http://b")), first);
  EXPECT_NE(get(http, Options().max_connections_per_host(1)), first);
  EXPECT_NE(get(http, Options().insecure(true)), first);
}

TEST_F(TransportsTest, AreFew) {
  for (int i = 0; i < 500; ++i) get(own, Options().model("wrong " + std::to_string(i)));
  EXPECT_EQ(kept(), static_cast<std::ptrdiff_t>(Transports::most));
}

TEST_F(TransportsTest, ThatWereUsedLatestStay) {
  const auto used = get(own, Options().model("used"));
  for (int i = 0; i < 50; ++i) {
    get(own, Options().model(std::to_string(i)));
    EXPECT_EQ(get(own, Options().model("used")), used);
  }
}

TEST_F(TransportsTest, ACallThatRunsKeepsItsOwn) {
  const auto mine = get(own, Options().model("mine"));
  for (int i = 0; i < 50; ++i) get(own, Options().model(std::to_string(i)));
  EXPECT_EQ(kept(), static_cast<std::ptrdiff_t>(Transports::most) + 1);
  EXPECT_NE(get(own, Options().model("mine")), mine);
}

TEST_F(TransportsTest, ThatAreNotMadeAreAnError) {
  own.transport = [](const Options&) -> Result<std::shared_ptr<Transport>> { return std::shared_ptr<Transport>(); };
  const auto outcome = transports.get(own, Options());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::internal);
}

}  // namespace
}  // namespace abstractllm
