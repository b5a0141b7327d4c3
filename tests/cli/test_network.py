# SPDX-License-Identifier: Apache-2.0
"""Bad servers and bad addresses, through the tool as a user runs it."""
import gzip
import json
import os
import signal
import socket
import ssl
import subprocess
import time
import zlib

import support
from loopback import Server, chunk, error_body, send_stream, stream
from support import run

KEY = "sk-test-1234567890abcdef"


class Network(support.Case):
    def ask(self, server, *flags, env=None, provider="openai", url=None, prompt="Hi"):
        variables = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": (url or server.url) + "/v1", **(env or {})}
        flags = ("--protocol", "openai_chat", *flags) if provider == "openai" else flags
        outcome = run("generate", "-p", provider, "-m", "m", *flags, prompt, env=variables)
        self.assertNotIn(KEY, outcome.out + outcome.err)
        return outcome

    def fails(self, handler, code, kind, *flags, **more):
        """The error object of a call that such a server fails."""
        with Server(handler) as server:
            outcome = self.ask(server, "--json", *flags, **more)
        self.assertEqual(outcome.code, code, outcome)
        self.assertEqual(outcome.out, "")
        error = outcome.error()
        self.assertEqual(error["kind"], kind, error)
        self.server = server
        return error


class Answers(Network):
    def test_a_stream_and_a_body(self):
        def handler(connection, request, _):
            self.assertEqual(request.headers["authorization"], "Bearer " + KEY)
            if request.json().get("stream"):
                return send_stream(connection, stream("Hello", " there"))
            choice = {"message": {"content": "Hello there"}, "finish_reason": "stop"}
            connection.answer(json.dumps({"choices": [choice]}))

        with Server(handler) as server:
            self.assertEqual(self.ask(server), support.Outcome(0, "Hello there\n", ""))
            self.assertEqual(self.ask(server, "--no-stream"), support.Outcome(0, "Hello there\n", ""))

    def test_framing_that_is_legal_but_rare(self):
        whole = stream("a", "b").encode()
        shapes = {
            "CRLF": whole.replace(b"\n", b"\r\n"),
            "CR": whole.replace(b"\n", b"\r"),
            "BOM": b"\xef\xbb\xbf" + whole,
            "comments": b": ping\n\n" + whole.replace(b"data: ", b": x\ndata: "),
            "no space": whole.replace(b"data: ", b"data:"),
        }
        for name, data in shapes.items():
            with Server(lambda c, r, n, d=data: send_stream(c, d)) as server:
                self.assertEqual(self.ask(server).out, "ab\n", name)

    def test_compression(self):
        def handler(connection, request, _):
            self.assertIn("gzip", request.headers["accept-encoding"])
            connection.head(Content_Encoding="gzip", Connection="close")
            connection.send(gzip.compress(stream("packed").encode()))
            return "close"

        with Server(handler) as server:
            self.assertEqual(self.ask(server).out, "packed\n")

    def test_an_answer_faster_than_it_can_be_read(self):
        """More than libcurl hands over at once, so that it has to be paused and resumed; also while it decompresses."""
        words = [f"{number} " for number in range(40_000)]

        def handler(connection, request, number):
            packed = number == 2
            connection.head(Connection="close", **({"Content_Encoding": "gzip"} if packed else {}))
            connection.send(gzip.compress(stream(*words).encode()) if packed else stream(*words))
            return "close"

        with Server(handler) as server:
            for _ in range(2):
                self.assertEqual(self.ask(server).out, "".join(words) + "\n")

    def test_ipv6_and_a_trailing_slash(self):
        with Server(lambda c, r, n: send_stream(c, stream("six")), family=socket.AF_INET6) as server:
            self.assertEqual(self.ask(server, url=f"http://[::1]:{server.port}/base").out, "six\n")
            self.assertEqual(server.requests[0].line.split()[1], "/base/v1/chat/completions")
            outcome = run("generate", "-p", "openai_compatible", "--base-url", f"http://[::1]:{server.port}/v1/", "Hi")
            self.assertEqual((outcome.out, server.requests[1].line.split()[1]), ("six\n", "/v1/chat/completions"))

    def test_a_proxy(self):
        with Server(lambda c, r, n: send_stream(c, stream("by proxy"))) as server:
            outcome = self.ask(None, url="http://nowhere.invalid", env={"http_proxy": server.url})
            self.assertEqual(outcome.out, "by proxy\n")
            self.assertTrue(server.requests[0].line.startswith("POST http://nowhere.invalid/v1/chat/completions"))

    def test_extra_headers_and_body(self):
        with Server(lambda c, r, n: send_stream(c, stream("ok"))) as server:
            self.ask(server, "--header", "X-Team: red", "--body", '{"user": "u"}', "--header", "authorization: Own")
        request = server.requests[0]
        self.assertEqual((request.headers["x-team"], request.json()["user"]), ("red", "u"))
        self.assertEqual(request.headers["authorization"], "Own")

    def test_every_provider_has_its_own_key_header_and_path(self):
        expected = {"anthropic": ("x-api-key", "/v1/messages", "ANTHROPIC_API_KEY", ""),
                    "openai": ("authorization", "/v1/chat/completions", "OPENAI_API_KEY", "Bearer "),
                    "azure_openai": ("api-key", "/v1/chat/completions", "AZURE_OPENAI_API_KEY", ""),
                    "groq": ("authorization", "/v1/chat/completions", "GROQ_API_KEY", "Bearer "),
                    "moonshot": ("authorization", "/v1/chat/completions", "MOONSHOT_API_KEY", "Bearer "),
                    "ollama": ("authorization", "/api/chat", "OLLAMA_API_KEY", "Bearer ")}
        for provider, (header, path, variable, prefix) in expected.items():
            base = "" if provider in ("anthropic", "ollama") else "/v1"
            with Server(lambda c, r, n: c.answer(error_body(), "400 Bad Request")) as server:
                outcome = self.ask(server, "--base-url", server.url + base, provider=provider, env={variable: KEY})
                self.assertEqual(outcome.code, 2, outcome)
                self.assertEqual(server.requests[0].line.split()[1], path)
                self.assertEqual(server.requests[0].headers[header], prefix + KEY)


class Addresses(Network):
    def test_no_key(self):
        for key in (None, ""):
            env = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", **({} if key is None else {"OPENAI_API_KEY": key})}
            outcome = run("generate", "-p", "openai", "Hi", env=env)
            self.assert_one_line_error(outcome, 3, "not_configured", "OPENAI_API_KEY")

    def test_a_key_that_cannot_be_one(self):
        for key in ("sk-with\nnewline", "sk with blank"):
            outcome = run("generate", "-p", "openai", "Hi", env={"OPENAI_API_KEY": key})
            self.assert_one_line_error(outcome, 3, "not_configured", "OPENAI_API_KEY", "blank")
            self.assertNotIn("sk", outcome.err.replace("api_key", ""))

    def test_the_query_of_a_base_url_belongs_to_each_request(self):
        shown = run("generate", "-p", "openai_compatible", "--base-url", "http://h/v1?x=1&key=hunter2", "--dry-run", "Hi")
        self.assertEqual(shown.code, 0, shown)
        self.assertEqual(json.loads(shown.out)["url"], "http://h/v1/chat/completions?x=1&key=*******")

    def test_base_urls_that_are_invalid(self):
        for url, word in (("localhost:8080", "scheme"), ("http://", "host"), ("ftp://x/v1", "http"),
                          ("http://a b/v1", "blank"), ("http://u:hunter2@h/v1", "api_key"), ("http://h/v1#x", "fragment")):
            outcome = run("generate", "-p", "openai_compatible", "--base-url", url, "Hi")
            self.assert_one_line_error(outcome, 3, "not_configured", word)
            self.assertNotIn("hunter2", outcome.err)
        outcome = run("generate", "-p", "openai_compatible", "Hi")
        self.assert_one_line_error(outcome, 3, "not_configured", "--base-url")

    def test_a_closed_port_and_a_name_that_does_not_resolve(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            closed = probe.getsockname()[1]
        outcome = self.ask(None, "--max-retries", "0", url=f"http://127.0.0.1:{closed}")
        self.assert_one_line_error(outcome, 5, "network", f"127.0.0.1:{closed}")
        outcome = self.ask(None, "--max-retries", "0", url="http://name.invalid")
        self.assert_one_line_error(outcome, 5, "network", "name.invalid")

    def test_tls_that_nobody_vouches_for(self):
        cert, key = os.path.join(self.folder, "c.pem"), os.path.join(self.folder, "k.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        with Server(lambda c, r, n: send_stream(c, stream("secure")),
                    wrap=lambda sock: context.wrap_socket(sock, server_side=True)) as server:
            url = f"https://127.0.0.1:{server.port}"
            outcome = self.ask(server, "--max-retries", "0", url=url)
            self.assert_one_line_error(outcome, 5, "network", "trust")
            self.assertEqual(self.ask(server, url=url, env={"CURL_CA_BUNDLE": cert}).out, "secure\n")
            digest = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", cert], check=True, capture_output=True, text=True)
            os.symlink(cert, os.path.join(self.folder, digest.stdout.strip() + ".0"))
            self.assertEqual(self.ask(server, url=url, env={"SSL_CERT_DIR": self.folder}).out, "secure\n")
            insecure = self.ask(server, "--insecure", url=url)
            self.assertEqual(insecure.out, "secure\n")
            self.assertIn("not verified", insecure.err)

    def test_a_redirect_is_not_followed(self):
        with Server(lambda c, r, n: send_stream(c, stream("elsewhere"))) as other:
            error = self.fails(lambda c, r, n: c.answer("", "307 Temporary Redirect", Location=other.url + "/v1/chat/completions"),
                               3, "not_configured")
            self.assertIn("base_url", error["message"])
            self.assertEqual(other.requests, [])

    def test_no_model(self):
        outcome = run("generate", "-p", "groq", "Hi", env={"GROQ_API_KEY": KEY})
        self.assert_one_line_error(outcome, 2, "invalid_argument", "models -p groq")


class Gating(Network):
    def test_what_a_model_does_not_take_is_a_warning_and_under_strict_an_error(self):
        rows = [("openai", "gpt-4o", ["--top-k", "5", "--seed", "1"], ["top_k"]), ("openai", "o3", ["--temperature", "1"], ["temperature"]),
                ("groq", "m", ["--logit-bias", "1=2"], ["logit_bias"]), ("anthropic", "m", ["--seed", "1"], ["seed"]),
                ("ollama", "m", ["--logit-bias", "1=2"], ["logit_bias"])]
        for provider, model, flags, ignored in rows:
            variables = {"OPENAI_API_KEY": KEY, "GROQ_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY}
            words = ("generate", "-p", provider, "-m", model, *flags)
            if provider == "openai":
                words += ("--protocol", "openai_chat")
            with Server(lambda c, r, n: send_stream(c, stream("x"))) as server:
                base = ("--base-url", server.url + "/v1")
                outcome = run(*words, *base, "--json", "--strict", "Hi", env=variables)
                self.assertEqual((outcome.code, outcome.error()["kind"], server.requests), (2, "unsupported", []), outcome)
                self.assertIn(ignored[0], outcome.error()["message"])
                outcome = run(*words, *base, "Hi", env=variables)
                self.assertIn(f"warning: option {ignored[0]} is not sent", outcome.err)
                body = server.requests[0].json()
                self.assertNotIn(ignored[0], {**body, **body.get("options", {})})
                if provider == "openai":
                    self.assertEqual(outcome.code, 0)


class EngineOptions(Network):
    """Options of a model in this process, where the model runs elsewhere."""

    WORDS = ("generate", "-p", "openai_compatible", "-m", "m")

    def answered(self, *flags, env=None):
        with Server(lambda c, r, n: send_stream(c, stream("x"))) as server:
            outcome = run(*self.WORDS, "--base-url", server.url + "/v1", *flags, "Hi", env=env)
        return outcome, server.requests

    def test_a_flag_is_a_warning_and_under_strict_an_error(self):
        for flags, name in ((("--threads", "2"), "threads"), (("--context-size", "64"), "context_size"),
                            (("--keep-alive", "5"), "keep_alive"), (("--engine-arg", "--mlock"), "engine_args"),
                            (("--gpu-layers", "3"), "gpu_layers"), (("--chat-template", "chatml"), "chat_template")):
            outcome, _ = self.answered(*flags)
            self.assertEqual((outcome.code, outcome.out), (0, "x\n"))
            self.assertTrue(outcome.err.startswith(f"abstractllm: warning: option {name} is not sent: "), outcome.err)
            outcome, _ = self.answered(*flags, "--json")
            self.assertEqual([warning["code"] for warning in outcome.json()["warnings"]], ["option_ignored"])
            outcome, requests = self.answered(*flags, "--strict")
            self.assertEqual((outcome.code, requests), (2, []))
            self.assertIn(name, outcome.err)

    def test_a_variable_is_passed_over_with_a_log_line(self):
        env = {"ABSTRACTLLM_THREADS": "2"}
        outcome, _ = self.answered("--strict", env=env)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        outcome, _ = self.answered("-v", env=env)
        lines = [json.loads(line) for line in outcome.err.splitlines()]
        self.assertEqual([line["event"] for line in lines if "ABSTRACTLLM_THREADS" in json.dumps(line)], ["option_ignored"])

    def test_ollama_is_told_how_long_the_model_stays(self):
        for value, sent in (("300", 300), ("0", 0), ("1.5", "1500ms")):
            outcome = run("generate", "-p", "ollama", "-m", "m", "--dry-run", "--keep-alive", value, "--context-size", "4096", "Hi")
            self.assertEqual((outcome.code, outcome.err), (0, ""))
            body = outcome.json()["body"]
            self.assertEqual((body["keep_alive"], body["options"]["num_ctx"]), (sent, 4096))

    def test_a_dry_run_shows_warnings(self):
        words = (*self.WORDS, "--base-url", "http://h.invalid/v1", "--dry-run", "--threads", "2", "--insecure", "Hi")
        outcome = run(*words)
        self.assertEqual(outcome.code, 0)
        self.assertEqual([line.split(": ")[1] for line in outcome.err.splitlines()], ["warning", "warning"])
        shown = outcome.json()
        self.assertEqual([warning["code"] for warning in shown["warnings"]], ["option_ignored", "tls_not_verified"])
        self.assertEqual(list(shown), ["method", "url", "headers", "body", "warnings"])
        self.assertEqual(run(*words, "-q").err, "")
        self.assertEqual((run(*words, "--json").err, run(*words, "--json").json()), ("", shown))


class Refusals(Network):
    def test_each_status_has_its_kind(self):
        rows = [("400 Bad Request", 2, "invalid_argument", error_body()), ("401 Unauthorized", 3, "authentication", error_body()),
                ("402 Payment Required", 3, "permission", ""), ("403 Forbidden", 3, "permission", error_body()),
                ("404 Not Found", 6, "not_found", error_body()), ("422 Unprocessable", 2, "invalid_argument", error_body()),
                ("429 Too Many", 4, "rate_limited", error_body()), ("500 Oops", 5, "unavailable", ""),
                ("503 Busy", 5, "unavailable", "<html>busy</html>"), ("529 Overloaded", 5, "unavailable", error_body()),
                ("400 Bad Request", 6, "context_length", error_body(code="context_length_exceeded")),
                ("400 Bad Request", 6, "content_filtered", error_body(code="content_filter")),
                ("429 Quota", 3, "permission", error_body(code="insufficient_quota"))]
        for status, code, kind, body in rows:
            error = self.fails(lambda c, r, n, s=status, b=body: c.answer(b, s, X_Request_Id="req-7"), code, kind,
                               "--max-retries", "0")
            self.assertEqual((error["http_status"], error["request_id"], error["attempts"], error["provider"]),
                             (int(status[:3]), "req-7", 1, "openai"), error)

    def test_what_is_retried_and_how_often(self):
        rows = [("408 Timeout", 3), ("409 Conflict", 3), ("429 Too Many", 3), ("500 Oops", 3), ("529 Overloaded", 3),
                ("400 Bad", 1), ("401 No", 1), ("404 No", 1)]
        for status, attempts in rows:
            with Server(lambda c, r, n, s=status: c.answer(error_body(), s, Retry_After_Ms="1")) as server:
                error = self.ask(server, "--json").error()
            self.assertEqual((error["attempts"], len(server.requests)), (attempts, attempts), status)
        with Server(lambda c, r, n: c.answer(error_body(code="insufficient_quota"), "429 Quota", Retry_After="0")) as server:
            self.assertEqual(self.ask(server, "--json").error()["attempts"], 1)

    def test_a_server_that_wants_no_retry_gets_none(self):
        with Server(lambda c, r, n: c.answer(error_body(), "500 Oops", X_Should_Retry="false")) as server:
            self.assertEqual(self.ask(server, "--json").error()["attempts"], 1)

    def test_a_retry_that_succeeds(self):
        for headers in ({"Retry_After": "0"}, {"Retry_After": "0.01"}, {"Retry_After_Ms": "5", "Retry_After": "50"},
                        {"Retry_After": "Sun, 06 Nov 1994 08:49:37 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"}, {}):
            def handler(connection, request, number, headers=headers):
                if number == 1:
                    return connection.answer(error_body(), "429 Too Many", **headers)
                return send_stream(connection, stream("at last"))

            with Server(handler) as server:
                outcome = self.ask(server, "--json")
            self.assertEqual((outcome.json()["text"], outcome.json()["timing"]["attempts"]), ("at last", 2), headers)

    def test_a_wait_that_is_too_long_is_given_back(self):
        for value, milliseconds in (("3600", 3600000), ("61s", 61000)):
            error = self.fails(lambda c, r, n, v=value: c.answer(error_body(), "429 Too Many", Retry_After=v), 4, "rate_limited")
            self.assertEqual((error["retry_after_ms"], error["attempts"]), (milliseconds, 1))

    def test_an_echoed_key_stays_secret(self):
        def handler(connection, request, _):
            connection.answer(error_body(f"bad key {KEY}", code=KEY), "401 Unauthorized")

        error = self.fails(handler, 3, "authentication")
        self.assertIn("bad key ***", error["provider_message"])
        with Server(handler) as server:
            self.assertEqual(self.ask(server, "-vv").code, 3)  # ask() looks for the key in all output


class Streams(Network):
    def test_an_error_as_the_first_event(self):
        error = self.fails(lambda c, r, n: send_stream(c, "data: " + error_body(code="insufficient_quota") + "\n\n"), 3, "permission")
        self.assertEqual(error["attempts"], 1)
        error = self.fails(lambda c, r, n: send_stream(c, "data: " + error_body(kind="server_error") + "\n\n"), 5, "unavailable")
        self.assertEqual(error["attempts"], 3)

    def test_what_came_before_the_break_is_kept_and_never_asked_for_again(self):
        def reset(connection, request, _):
            connection.head()
            for number in range(10):
                connection.send(chunk(f"w{number} "))
            connection.wait_until_read()
            connection.reset()
            return "close"

        expected = "".join(f"w{number} " for number in range(10))
        rows = [("network", 5, reset),
                ("protocol", 6, lambda c, r, n: send_stream(c, "".join(chunk(f"w{i} ") for i in range(10)))),
                ("protocol", 6, lambda c, r, n: send_stream(c, "".join(chunk(f"w{i} ") for i in range(10)) + 'data: {"choi')),
                ("unavailable", 5, lambda c, r, n: send_stream(c, "".join(chunk(f"w{i} ") for i in range(10)) + "data: " +
                                                               error_body(kind="server_error") + "\n\n"))]
        for kind, code, handler in rows:
            error = self.fails(handler, code, kind)
            self.assertEqual((error["partial"]["text"], error["attempts"]), (expected, 1), error)
            with Server(handler) as server:
                self.assertEqual(self.ask(server).out, expected + "\n")  # text that had arrived stays printed

    def test_half_a_character_at_the_end(self):
        data = chunk("ok").encode() + b'data: {"choices":[{"index":0,"delta":{"content":"\xf0\x9f'
        error = self.fails(lambda c, r, n: send_stream(c, data), 6, "protocol")
        self.assertEqual(error["partial"]["text"], "ok")

    def test_html_with_status_200(self):
        error = self.fails(lambda c, r, n: c.answer("<html>login</html>", content_type="text/html"), 6, "protocol")
        self.assertIn("web page", error["message"])

    def test_what_is_too_large_ends_the_call(self):
        def event(connection, request, _):
            connection.head(Connection="close")
            connection.send("data: {\"x\":\"")
            for _ in range(100):
                connection.send(b"a" * 1024 * 1024)
            return "close"

        self.assertIn("larger", self.fails(event, 6, "protocol")["message"])

        def bomb(connection, request, _):
            connection.head(Content_Encoding="gzip", Connection="close")
            connection.send(gzip.compress(b"data: " + b"a" * (200 << 20), 9))
            return "close"

        self.assertIn("larger", self.fails(bomb, 6, "protocol")["message"])
        self.fails(lambda c, r, n: c.answer("{}", X_Big="h" * 1024 * 1024), 6, "protocol")
        self.fails(lambda c, r, n: c.answer("{}", **{f"X_{i}": "h" * 1000 for i in range(400)}), 6, "protocol")

    def test_compression_that_is_broken(self):
        def handler(connection, request, _):
            connection.head(Content_Encoding="gzip", Connection="close")
            connection.send(b"this is no gzip")
            return "close"

        self.fails(handler, 6, "protocol")

    def test_no_http_at_all(self):
        self.fails(lambda c, r, n: (c.send("SSH-2.0-OpenSSH_9.2\r\n"), "close")[1], 6, "protocol", "--max-retries", "0")


class Silence(Network):
    """Timeouts are short here and asserted by their name, not by how long they took."""

    def silent(self, connection, request, _):
        self.closed = connection.wait_closed(support.HANG)
        return "close"

    def test_a_server_that_says_nothing(self):
        for flag, word in (("--first-event-timeout", "first_event_timeout"), ("--timeout", "(timeout)")):
            error = self.fails(self.silent, 5, "timeout", flag, "0.2")
            self.assertIn(word, error["message"])
            self.assertEqual(error["attempts"], 1)

    def test_a_server_that_falls_silent(self):
        def handler(connection, request, number):
            connection.head()
            connection.send(chunk("so far"))
            return self.silent(connection, request, number)

        error = self.fails(handler, 5, "timeout", "--idle-timeout", "0.3")
        self.assertIn("idle_timeout", error["message"])
        self.assertEqual(error["partial"]["text"], "so far")

    def test_a_server_that_trickles(self):
        def handler(connection, request, _):
            connection.head()
            for byte in stream("x" * 1000).encode():
                connection.send(bytes([byte]))
                time.sleep(0.02)

        error = self.fails(handler, 5, "timeout", "--timeout", "0.5", "--idle-timeout", "10")
        self.assertIn("(timeout)", error["message"])

    def test_bytes_without_end(self):
        """However fast they come, and however well they are compressed."""
        def tokens(connection, request, _):
            connection.head()
            while True:
                connection.send(chunk("a") * 100)

        error = self.fails(tokens, 5, "timeout", "--timeout", "0.5")
        self.assertIn("(timeout)", error["message"])
        self.assertTrue(error["partial"]["text"].startswith("aaa"))

        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        begin = packer.compress(b"\n") + packer.flush(zlib.Z_FULL_FLUSH)
        block = packer.compress(b"\n" * (16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)  # may be sent again and again

        def bomb(connection, request, _):
            connection.head(Content_Encoding="gzip")
            connection.send(begin)
            while True:
                connection.send(block)

        for flag in ("--timeout", "--first-event-timeout"):
            error = self.fails(bomb, 5, "timeout", flag, "0.5", "--max-response-bytes", str(1 << 40))
            self.assertIn(flag[2:].replace("-", "_"), error["message"])
        self.assertIn("max_response_bytes", self.fails(bomb, 6, "protocol")["message"])

    def test_an_answer_that_is_whole_but_has_no_end(self):
        def handler(connection, request, number):
            connection.head()
            connection.send(chunk("whole") + chunk(reason="stop"))
            return self.silent(connection, request, number)

        with Server(handler) as server:
            self.assertEqual(self.ask(server), support.Outcome(0, "whole\n", ""))

    def test_connecting_takes_too_long(self):
        # A full backlog that nobody empties: the handshake of further connections gets no answer.
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            address = listener.getsockname()
            fillers = []
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(address)
                fillers.append(filler)
            outcome = self.ask(None, "--json", "--connect-timeout", "0.3", "--max-retries", "1", url=f"http://127.0.0.1:{address[1]}")
            for filler in fillers:
                filler.close()
        self.assertEqual((outcome.code, outcome.error()["kind"], outcome.error()["attempts"]), (5, "timeout", 2))
        self.assertIn("connect_timeout", outcome.error()["message"])

    def test_ctrl_c_closes_the_connection(self):
        for answered in (False, True):
            reached, state = [], {}

            def handler(connection, request, number, answered=answered):
                if answered:
                    connection.head()
                    connection.send(chunk("so far"))
                reached.append(1)
                state["closed"] = connection.wait_closed(support.HANG)
                return "close"

            with Server(handler) as server:
                process = support.start("generate", "-p", "openai_compatible", "--base-url", server.url + "/v1", "Hi")
                if answered:
                    first = support.read_some(process, 6)
                while not reached:
                    time.sleep(0.01)
                process.send_signal(signal.SIGINT)
                outcome = support.finish(process, read_out=first if answered else b"")
                self.assertEqual((outcome.code, outcome.out), (130, "so far\n" if answered else ""), outcome)
                while "closed" not in state:
                    time.sleep(0.01)
                self.assertTrue(state["closed"])


class Recordings(Network):
    def test_what_was_recorded_is_replayed(self):
        path = os.path.join(self.folder, "r.jsonl")
        def handler(connection, request, number):
            return send_stream(connection, stream(f"answer {number} ", "é😀 " + request.headers["authorization"]))

        with Server(handler) as server:
            recorded = [run("generate", "-p", "openai_compatible", "--base-url", server.url + "/v1", "--record", path, "Hi",
                            env={"OPENAI_COMPATIBLE_API_KEY": KEY}).out for _ in range(2)]
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn(KEY, text)
        self.assertEqual(os.stat(path).st_mode & 0o077, 0)
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([line["request"]["url"] for line in lines if "request" in line], [server.url + "/v1/chat/completions"] * 2)
        masked = recorded[0].replace(KEY, "*" * len(KEY)).replace("Bearer", "*" * 6)
        replayed = run("generate", "-p", "openai_compatible", "--base-url", "http://nowhere.invalid/v1", "--replay", path, "Hi")
        self.assertEqual(replayed.code, 0, replayed)
        self.assertEqual(replayed.out.split("é")[0], recorded[0].split("é")[0])
        self.assertEqual(len(replayed.out), len(masked))

    def test_a_recording_that_is_none(self):
        for content, word in (("", "no exchange"), ("{", "line 1"), ('{"at_ms": 1}', "line 1"), ('{"request": 3}', "line 1")):
            path = self.write("bad.jsonl", content)
            outcome = run("generate", "-p", "ollama", "-m", "m", "--replay", path, "Hi")
            self.assert_one_line_error(outcome, 3, "not_configured", word)
        outcome = run("generate", "-p", "ollama", "-m", "m", "--replay", "/nowhere/x", "Hi")
        self.assert_one_line_error(outcome, 3, "not_configured", "/nowhere/x")

    def test_a_pipe_to_record_into_is_not_waited_for(self):
        path = self.write("pipe", "")
        os.unlink(path)
        os.mkfifo(path)
        with Server(lambda c, r, n: c.answer(json.dumps({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}))) as server:
            flags = ("-p", "openai_compatible", "--base-url", server.url + "/v1", "--record", path, "--no-stream", "Hi")
            self.assert_one_line_error(run("generate", *flags), 3, "not_configured", path)
            reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            self.assertEqual(run("generate", *flags).out, "Hi\n")
            self.assertIn(b'"request"', os.read(reader, 100000))
            os.close(reader)


class Listings(Network):
    def test_models(self):
        with Server(lambda c, r, n: c.answer(json.dumps({"data": [{"id": "b"}, {"id": "a", "context_length": 7}]}))) as server:
            outcome = run("models", "-p", "openai", "--json", "--base-url", server.url + "/v1", env={"OPENAI_API_KEY": KEY})
        self.assertEqual(outcome.json(), [{"id": "b"}, {"id": "a", "context_tokens": 7}])
        self.assertEqual(server.requests[0].line, "GET /v1/models HTTP/1.1")
        with Server(lambda c, r, n: c.answer('{"models": [{"name": "x:latest", "size": 5}]}')) as server:
            outcome = run("models", "-p", "ollama", "--json", env={"OLLAMA_HOST": f"127.0.0.1:{server.port}"})
        self.assertEqual(outcome.json(), [{"id": "x:latest", "size_bytes": 5}])

    def test_models_that_cannot_be_listed(self):
        self.assertEqual(run("models", "-p", "openai").code, 3)
        self.assertEqual(run("models", "-p", "nobody").code, 2)
        with Server(lambda c, r, n: c.answer("no json")) as server:
            outcome = run("models", "-p", "openai_compatible", "--base-url", server.url + "/v1")
        self.assert_one_line_error(outcome, 6, "protocol", "listing")
