# SPDX-License-Identifier: Apache-2.0
"""Installs the build into a folder and uses it from outside the tree, in both ways that the README offers."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def run(*command: object, **kwargs: object) -> subprocess.CompletedProcess:
    text = [str(part) for part in command]
    done = subprocess.run(text, capture_output=True, text=True, **kwargs)
    if done.returncode != 0:
        print("failed:", " ".join(text), "\n", done.stdout[-4000:], done.stderr[-4000:])
        sys.exit(1)
    return done


def readme_program(source: pathlib.Path) -> str:
    """The C++ program of the README, which must be the example, word for word."""
    readme = (source / "README.md").read_text(encoding="utf-8")
    program = re.search(r"```cpp\n(#include <abstractllm/abstractllm.hpp>.*?)```", readme, re.S)
    example = re.search(r"// \[readme\]\n(.*?)// \[/readme\]", (source / "examples/01_hello/main.cpp").read_text(encoding="utf-8"), re.S)
    if not program or not example or program.group(1).strip() != example.group(1).strip():
        print("the README's program differs from examples/01_hello/main.cpp")
        sys.exit(1)
    return program.group(1)


def find_package_consumer(args: argparse.Namespace, work: pathlib.Path) -> None:
    prefix = work / "prefix"
    run(args.cmake, "--install", args.build_dir, "--prefix", prefix)
    source = work / "readme.cpp"
    source.write_text(readme_program(args.source_dir), encoding="utf-8")
    build = work / "consumer"
    run(args.cmake, "-G", "Ninja", "-S", args.source_dir / "tests/install/consumer", "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCONSUMER_SOURCE={source}", f"-DCMAKE_CXX_COMPILER={args.cxx}", "-DCMAKE_BUILD_TYPE=Release")
    run(args.cmake, "--build", build)
    answer = run(build / "consumer", os.environ["ABSTRACTLLM_TEST_MODEL"]).stdout
    if "Paris" not in answer:
        print("the README's program answered:", answer)
        sys.exit(1)
    version = run(prefix / "bin" / "abstractllm", "--version").stdout
    print("find_package: ok:", answer.strip(), "|", version.splitlines()[0])


def subdirectory_consumer(args: argparse.Namespace, work: pathlib.Path) -> None:
    build = work / "subdirectory"
    run(args.cmake, "-G", "Ninja", "-S", args.source_dir / "tests/install/subdirectory", "-B", build, f"-DABSTRACTLLM_SOURCE={args.source_dir}",
        f"-DCMAKE_CXX_COMPILER={args.cxx}", f"-DCMAKE_C_COMPILER={args.cc}", "-DABSTRACTLLM_CCACHE=ON")
    run(args.cmake, "--build", build)
    print("add_subdirectory: ok:", run(build / "consumer").stdout.strip())


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("cmake", "cc", "cxx"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("build-dir", "source-dir"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    args = parser.parse_args()
    if not os.environ.get("ABSTRACTLLM_TEST_MODEL"):
        print("ABSTRACTLLM_TEST_MODEL is not set: give it the path of a .gguf model")
        sys.exit(1)
    with tempfile.TemporaryDirectory() as folder:
        find_package_consumer(args, pathlib.Path(folder))
        subdirectory_consumer(args, pathlib.Path(folder))


if __name__ == "__main__":
    main()
