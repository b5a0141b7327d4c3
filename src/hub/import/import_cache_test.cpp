// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_cache.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/process.hpp"
#include "hub/repo_folder.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

const std::string commit(40, 'a');
const std::string other_commit(40, 'b');

class ImportCache : public testing::Test {
 protected:
  ImportCache() : folder_(fs::temp_directory_path() / ("import-cache-" + std::to_string(process_id()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    hub_.cache_folder = folder_ / "hub";
    root_ = folder_ / "imported";
  }
  ~ImportCache() override { fs::remove_all(folder_); }

  static void write(const fs::path& path, const std::string& text = "GGUF") {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::vector<std::string> names() const {
    std::vector<CachedModel> models;
    add_imported_models(root_, hub_, models);
    std::vector<std::string> found;
    for (const CachedModel& model : models) found.push_back(model.name);
    std::sort(found.begin(), found.end());
    return found;
  }
  static HubName named(const std::string& text) { return parse_hub_name(text).value(); }

  fs::path folder_;
  fs::path root_;
  HubSettings hub_;
};

TEST_F(ImportCache, NamesFilesByCommitTypeAndVersion) {
  const ImportPlace place = place_of_commit("/c", "org/name", commit);
  EXPECT_EQ(place.model("Q4_K_M"), "/c/org--name/" + commit + "-Q4_K_M-v1.gguf");
  EXPECT_EQ(place.projector(), "/c/org--name/" + commit + "-mmproj-v1.gguf");
  EXPECT_EQ(place.lock(), "/c/.locks/org--name--" + commit + ".lock");
  const auto name = parse_import_name("my-model-0123-Q4_K_M-v12.gguf");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->stem, "my-model-0123");
  EXPECT_EQ(name->type, "Q4_K_M");
  EXPECT_EQ(name->version, 12);
  for (const char* wrong :
       {"", "a.gguf", "-v1.gguf", "a-v1.gguf", "-F32-v1.gguf", "a-F32-v.gguf", "a-F32-v1x.gguf", "a-F32-v1"})
    EXPECT_FALSE(parse_import_name(wrong)) << wrong;
}

TEST_F(ImportCache, KeysAFolderByItsPathAndTheStateOfItsFiles) {
  const auto stem = [&](const fs::path& path) { return place_of_folder(root_, path, source_files(path)).stem; };
  write(folder_ / "a/My Model/config.json", "{}");
  write(folder_ / "b/My Model/config.json", "{}");
  const std::string first = stem(folder_ / "a/My Model");
  EXPECT_TRUE(first.starts_with("My_Model-")) << first;
  EXPECT_EQ(stem(folder_ / "a/../a/My Model/."), first);
  EXPECT_NE(stem(folder_ / "b/My Model"), first);
  write(folder_ / "a/My Model/README.md", "does not count");
  EXPECT_EQ(stem(folder_ / "a/My Model"), first);
  fs::last_write_time(folder_ / "a/My Model/config.json", fs::file_time_type::clock::now() + std::chrono::hours(1));
  const std::string later = stem(folder_ / "a/My Model");
  EXPECT_NE(later, first);
  write(folder_ / "a/My Model/1_Pooling/config.json", "{}");
  EXPECT_NE(stem(folder_ / "a/My Model"), later);
}

TEST_F(ImportCache, FindsTheModelOfARevision) {
  EXPECT_FALSE(find_imported(root_, hub_, named("org/name")));
  write(place_of_commit(root_, "org/name", commit).model("BF16"));
  write(place_of_commit(root_, "org/name", commit).model("Q8_0"));
  // The downloaded files may be gone, and with them the commit of the revision.
  ASSERT_TRUE(find_imported(root_, hub_, named("org/name")));
  const RepoFolder repo(hub_.cache_folder, "org/name");
  ASSERT_TRUE(repo.set_commit("main", other_commit));
  EXPECT_FALSE(find_imported(root_, hub_, named("org/name")));
  ASSERT_TRUE(repo.set_commit("main", commit));
  EXPECT_EQ(find_imported(root_, hub_, named("org/name"))->type, "BF16");
  EXPECT_EQ(find_imported(root_, hub_, named("org/name:q8_0"))->type, "Q8_0");
  EXPECT_EQ(find_imported(root_, hub_, named("org/name:q8_0@" + commit))->type, "Q8_0");
  EXPECT_FALSE(find_imported(root_, hub_, named("org/name:F16")));
  EXPECT_FALSE(find_imported(root_, hub_, named("org/name@v2")));
  EXPECT_FALSE(find_imported(root_, hub_, named("org/name/x.gguf")));
}

TEST_F(ImportCache, KeepsSourceAndWarnings) {
  const ImportPlace place = place_of_commit(root_, "org/name", commit);
  write(place.model("F16"));
  ImportedModel model;
  model.source = "org/name";
  model.commit = commit;
  model.warnings = {{"code", "a \"message\"\n"}};
  ASSERT_TRUE(write_notes(place.notes("F16"), model));
  const auto found = find_imported(place, "");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "org/name");
  EXPECT_EQ(found->commit, commit);
  EXPECT_EQ(found->warnings, model.warnings);
  EXPECT_EQ(found->projector_file, "");
  write(place.projector());
  EXPECT_EQ(find_imported(place, "")->projector_file, place.projector());
  write(place.notes("F16"), "[damaged");
  EXPECT_EQ(find_imported(place, "")->warnings, std::vector<Warning>{});
}

TEST_F(ImportCache, ListsNamesThatFindTheModel) {
  write(place_of_commit(root_, "org/name", commit).model("BF16"));
  write(place_of_commit(root_, "org/name", other_commit).model("BF16"));
  write(root_ / "folders" / "x-1-2-F32-v1.gguf");
  write(root_ / "org--old" / (commit + "-F32-v0.gguf"));
  ASSERT_TRUE(RepoFolder(hub_.cache_folder, "org/name").set_commit("main", commit));
  EXPECT_EQ(names(), (std::vector<std::string>{(root_ / "folders/x-1-2-F32-v1.gguf").string(),
                                               (root_ / "org--old" / (commit + "-F32-v0.gguf")).string(),
                                               "org/name:BF16", "org/name:BF16@" + other_commit}));
}

TEST_F(ImportCache, RemovesWhatANameMeans) {
  const ImportPlace place = place_of_commit(root_, "org/name", commit);
  for (const char* type : {"BF16", "Q8_0"}) write(place.model(type));
  write(place.projector());
  write(place.notes("Q8_0"), "{}");
  write(place.folder / (place.stem + "-BF16-v1.gguf.1-1.tmp"));
  const auto one = remove_imported(root_, hub_, named("org/name:q8_0"));
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->paths, std::vector<std::string>{commit + "-Q8_0-v1.gguf"});
  EXPECT_EQ(one->freed_bytes, 6);
  EXPECT_TRUE(fs::exists(place.projector()));  // the other one needs it
  ASSERT_TRUE(remove_imported(root_, hub_, named("org/name")));
  EXPECT_FALSE(fs::exists(place.folder));
}

TEST_F(ImportCache, RemovesByPathOnlyWhatIsAnImport) {
  write(root_ / "folders" / "x-1-2-F32-v1.gguf");
  write(folder_ / "mine.gguf");
  EXPECT_FALSE(remove_imported(root_, (folder_ / "mine.gguf").string()));
  EXPECT_FALSE(remove_imported(root_, (root_ / "folders/../folders/y-1-2-F32-v1.gguf").string()));
  HubName folders;
  folders.repo = "folders";
  const auto kept = remove_imported(root_, hub_, folders);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->paths, std::vector<std::string>());
  EXPECT_TRUE(fs::exists(root_ / "folders" / "x-1-2-F32-v1.gguf"));
  const auto removed = remove_imported(root_, (root_ / "folders" / "x-1-2-F32-v1.gguf").string());
  ASSERT_TRUE(removed);
  EXPECT_TRUE(*removed);
  EXPECT_TRUE(fs::exists(folder_ / "mine.gguf"));
  EXPECT_TRUE(names().empty());
}

TEST_F(ImportCache, KnowsWhichFoldersAreCheckpoints) {
  write(folder_ / "a/config.json", "{}");
  write(folder_ / "a/model.safetensors", "12345");
  write(folder_ / "a/consolidated.safetensors", "1");
  EXPECT_TRUE(is_checkpoint_folder(folder_ / "a"));
  EXPECT_EQ(weight_bytes_in(folder_ / "a"), 5);
  write(folder_ / "a/model.gguf");
  EXPECT_FALSE(is_checkpoint_folder(folder_ / "a"));
  EXPECT_FALSE(is_checkpoint_folder(folder_ / "a/config.json"));
  EXPECT_FALSE(is_checkpoint_folder(folder_ / "missing"));
}

}  // namespace
}  // namespace abstractllm
