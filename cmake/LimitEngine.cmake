# The engine was made for requests of friends: a template, a grammar or a failure at the wrong moment can keep a thread for
# ever, take all memory or end the process. Some of its sources are compiled from copies with limits. Each edit must match,
# so that another version of the engine cannot lose one silently.

# Replaces `old` in the caller's `text`, in all of `count` places.
function(_abstractllm_edit count old new)
  string(REPLACE "${old}" "" rest "${text}")
  string(LENGTH "${text}" before)
  string(LENGTH "${rest}" after)
  string(LENGTH "${old}" size)
  math(EXPR found "(${before} - ${after}) / ${size}")
  if(NOT found EQUAL ${count})
    message(FATAL_ERROR "${name} of llama.cpp has ${found} places for a limit where there were ${count}: ${old}")
  endif()
  string(REPLACE "${old}" "${new}" text "${text}")
  set(text "${text}" PARENT_SCOPE)
endfunction()

# Reads a source of the engine into `text`.
function(_abstractllm_read original)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${original})
  file(READ ${original} text)
  set(text "${text}" PARENT_SCOPE)
endfunction()

# Compiles the caller's `text`, behind `head`, in place of a target's source `folder`/`name`.
function(_abstractllm_compile_copy target folder head include_dirs)
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/llama_cpp_limited/${name}.cpp)
  file(CONFIGURE OUTPUT ${copy} CONTENT "${head}${text}" @ONLY)
  get_target_property(sources ${target} SOURCES)
  list(TRANSFORM sources REPLACE "^(.*/)?${folder}${name}\\.cpp$" "${copy}")
  set_target_properties(${target} PROPERTIES SOURCES "${sources}")
  set_source_files_properties(${copy} TARGET_DIRECTORY ${target} PROPERTIES INCLUDE_DIRECTORIES "${include_dirs}")
endfunction()

function(_abstractllm_edit_runtime)
  _abstractllm_edit(1 [[    try {
        return execute_impl(ctx)]] [[    const TemplateBudget::Level level;
    try {
        return charged(execute_impl(ctx), level)]])
  _abstractllm_edit(4 [[gather_string_parts_recursive(]] [[gather_within_budget(]])
  _abstractllm_edit(1 [[            res->val_str.append(str);]] [[            TemplateBudget::charge(48 + static_cast<int64_t>(str.length()));
            res->val_str.append(str);]])
  # Each turn of a loop makes an object of ten values, and copies all variables.
  _abstractllm_edit(1 [[        context loop_scope(scope);]] [[        TemplateBudget::charge(1500);
        context loop_scope(scope);]])
  _abstractllm_edit(1 [[        obj_ptr->insert(prop_name, rhs);]] [[        charge_stored(rhs, object);
        obj_ptr->insert(prop_name, rhs);]])
  set(text "${text}" PARENT_SCOPE)
endfunction()

function(_abstractllm_edit_value)
  _abstractllm_edit(2 [[                    out->push_back(mk_val<value_int>(i))]] [[                    TemplateBudget::charge(400), out->push_back(mk_val<value_int>(i))]])
  _abstractllm_edit(2 [[                token = str.substr(]] [[                TemplateBudget::charge(400);
                token = str.substr(]])
  _abstractllm_edit(1 [[                    new_res.reserve(]] [[                    TemplateBudget::charge(static_cast<int64_t>(new_str.length() * (str.length() + 1)));
                    new_res.reserve(]])
  _abstractllm_edit(1 [[                        str.replace(pos, old_str.length(), new_str);]] [[                        TemplateBudget::charge(static_cast<int64_t>(new_str.length()) + 16);
                        str.replace(pos, old_str.length(), new_str);]])
  _abstractllm_edit(1 [[                result.parts.insert(]] [[                TemplateBudget::charge(48 + static_cast<int64_t>(arg_str.length()));
                result.parts.insert(]])
  _abstractllm_edit(1 [[                indent.assign(val_width->as_int(), ' ');]] [[                TemplateBudget::charge(val_width->as_int());
                indent.assign(val_width->as_int(), ' ');]])
  _abstractllm_edit(2 [[indented += indent;]] [[TemplateBudget::charge(static_cast<int64_t>(indent.size())), indented += indent;]])
  _abstractllm_edit(1 [[                result += val_arr->as_string().str();]] [[                TemplateBudget::charge(16 + static_cast<int64_t>(val_arr->as_string().length() + delim.size()));
                result += val_arr->as_string().str();]])
  _abstractllm_edit(1 [[            arr_editable->push_back(args.get_pos(1));]] [[            charge_stored(args.get_pos(1), args.get_pos(0));
            arr_editable->push_back(args.get_pos(1));]])
  _abstractllm_edit(1 [[    auto indent_str = [indent, curr_lvl]() -> std::string {]] [[    const TemplateBudget::Level level;
    if (is_val<value_string>(val)) TemplateBudget::charge(static_cast<int64_t>(val->val_str.length()));
    if (indent > 0) TemplateBudget::charge(static_cast<int64_t>(indent) * (curr_lvl + 1));
    auto indent_str = [indent, curr_lvl]() -> std::string {]])
  _abstractllm_edit(1 [[std::string value_to_string_repr(const value & val) {]] [[std::string value_to_string_repr(const value & val) {
    const TemplateBudget::Level level;
    if (is_val<value_string>(val)) TemplateBudget::charge(static_cast<int64_t>(val->val_str.length()));]])
  _abstractllm_edit(1 [[    val->stats.used = true;
    if (deep)]] [[    const TemplateBudget::Level level;
    val->stats.used = true;
    if (deep)]])
  set(text "${text}" PARENT_SCOPE)
endfunction()

function(_abstractllm_edit_parser)
  foreach(recursive "parse_any()" "parse_if_statement(size_t start_pos)" "parse_if_expression()"
          "parse_logical_negation_expression()" "parse_unary_expression()" "parse_call_expression(statement_ptr callee)"
          "parse_primary_expression()")
    _abstractllm_edit(1 "    statement_ptr ${recursive} {" "    statement_ptr ${recursive} {
        const abstractllm::TemplateBudget::Level level;")
  endforeach()
  # Chains of operators are no recursion of the parser, but nest in what it makes.
  _abstractllm_edit(1 [[        switch (peek().t) {
            case token::comment:]] [[        tokens_of_tag = 0;
        switch (peek().t) {
            case token::comment:]])
  _abstractllm_edit(1 [[    const token & next() {]] [[    size_t tokens_of_tag = 0;

    const token & next() {
        if (++tokens_of_tag > 5000) abstractllm::TemplateBudget::fail("has a tag that is too long");]])
  set(text "${text}" PARENT_SCOPE)
endfunction()

# The interpreter of chat templates has no limits, and a template is part of a model's file. Three of its sources charge a
# budget (src/engines/llama_cpp/template_budget.hpp).
function(abstractllm_limit_templates source_dir)
  foreach(name runtime value parser)
    _abstractllm_read(${source_dir}/common/jinja/${name}.cpp)
    # Not by a folder to search in: there is a string.h in it.
    string(REGEX REPLACE "#include \"(lexer|parser|runtime|utils|value)\\.h\"" "#include \"jinja/\\1.h\"" text "${text}")
    cmake_language(CALL _abstractllm_edit_${name})
    _abstractllm_compile_copy(llama-common "jinja/" "#include \"engines/llama_cpp/jinja_budget.hpp\"\n"
      "${source_dir}/common;${PROJECT_SOURCE_DIR}/src")
  endforeach()
endfunction()

# A grammar that can be read in very many ways keeps the engine's thread for ever: it follows all of them at once, for
# each token of the vocabulary. A schema's grammar needs a millionth of this budget for a token. Where a call begins, the
# call fails; in the middle of an answer the engine ends all calls that run then.
function(abstractllm_limit_grammars source_dir)
  set(name llama-grammar)
  _abstractllm_read(${source_dir}/src/${name}.cpp)
  _abstractllm_edit(1 [[static void llama_grammar_advance_stack(]] [[static thread_local uint64_t work_left = 0;

static void begin_work() { work_left = 2000000000; }

static void charge_work(uint64_t steps) {
    if (steps > work_left) {
        throw std::runtime_error("the grammar can be read in too many ways at once: make it less ambiguous");
    }
    work_left -= steps;
}

static void llama_grammar_advance_stack(]])
  _abstractllm_edit(1 [[        const llama_grammar_stack & curr_stack = *curr_stack_it;
]] [[        const llama_grammar_stack & curr_stack = *curr_stack_it;
        charge_work(20 * (curr_stack.size() + 1) + new_stacks.size());
        if (new_stacks.size() > 10000) charge_work(UINT64_MAX);
]])
  _abstractllm_edit(1 [[    GGML_ASSERT(!stacks.empty()); // REVIEW
]] [[    GGML_ASSERT(!stacks.empty()); // REVIEW
    charge_work(stacks.size() * (candidates.size() + 1));
]])
  _abstractllm_edit(2 [[    GGML_ASSERT(grammar.vocab != nullptr);
]] [[    GGML_ASSERT(grammar.vocab != nullptr);
    begin_work();
]])
  _abstractllm_edit(2 [[    // loop over alternates of start rule to build initial stacks
]] [[    begin_work();
    // loop over alternates of start rule to build initial stacks
]])
  _abstractllm_compile_copy(llama "" "#include <cstdint>\n#include <stdexcept>\n" "${source_dir}/src")
endfunction()

# The engine goes on after a failure in the middle of a batch, but remembers tokens of it that were never decoded. The next
# call that begins with them would end the process.
function(abstractllm_limit_failures source_dir)
  set(name server-context)
  _abstractllm_read(${source_dir}/tools/server/${name}.cpp)
  _abstractllm_edit(1 [[                send_error(slot, reason, ERROR_TYPE_SERVER);
                slot.release();
]] [[                send_error(slot, reason, ERROR_TYPE_SERVER);
                slot.release();
                slot.prompt_clear();
]])
  _abstractllm_edit_adapters()
  _abstractllm_compile_copy(server-context "" "#include \"engines/llama_cpp/adapter_hook.hpp\"\n"
    "${source_dir}/tools/server;${PROJECT_SOURCE_DIR}/src")
endfunction()

# Its list of adapters is fixed at the load; ours grows while the model is used (src/engines/llama_cpp/adapter_hook.hpp).
# It also takes what an adapter has computed for the work of another one: the copies of prompts that it keeps do not say
# with which adapters they were made, a task without adapters goes on with the prompt of a task that had some, and images
# are read with those of the last batch.
function(_abstractllm_edit_adapters)
  _abstractllm_edit(1 [[                    const int id_task = task.id;

                    server_slot * slot = get_available_slot(task);
]] [[                    const int id_task = task.id;

                    if (abstractllm::AdapterHook::applies(task.params.lora)) {
                        std::vector<common_adapter_lora_info> loaded;
                        std::string failure;
                        if (!abstractllm::AdapterHook::find(model_tgt, task.params.lora, loaded, failure)) {
                            send_error(task, failure, ERROR_TYPE_SERVER);
                            break;
                        }
                    }

                    server_slot * slot = get_available_slot(task);
]])
  _abstractllm_edit(1 [[            auto task_loras = construct_lora_list(task.params.lora);
]] [[            auto task_loras = construct_lora_list(task.params.lora);
            if (abstractllm::AdapterHook::applies(task.params.lora)) {
                std::string failure;
                if (!abstractllm::AdapterHook::find(model_tgt, task.params.lora, task_loras, failure)) {
                    send_error(task, failure, ERROR_TYPE_SERVER);
                    return false;
                }
            }
]])
  _abstractllm_edit(1 [[            slot.lora = params_base.lora_adapters;
]] [[            if (!are_lora_equal(slot.lora, params_base.lora_adapters)) {
                slot.prompt.clear();
            }
            slot.lora = params_base.lora_adapters;
]])
  _abstractllm_edit(1 [[        if (prompt.tokens.size() == 0) {
            return false;
        }

        const size_t cur_size_tgt =]] [[        if (prompt.tokens.size() == 0 || !lora.empty()) {
            return false;
        }

        const size_t cur_size_tgt =]])
  _abstractllm_edit(1 [[        bool res = prompt_cache.load(prompt, tokens, ctx_tgt, ctx_dft, id);
]] [[        if (!lora.empty()) {
            prompt_clear();
            lora.clear();
        }
        bool res = prompt_cache.load(prompt, tokens, ctx_tgt, ctx_dft, id);
]])
  _abstractllm_edit(1 [[                        queue_tasks.yield_to_queue([&]() {
                            res = process_mtmd_chunk(]] [[                        common_set_adapter_lora(ctx_tgt, slot.lora);
                        queue_tasks.yield_to_queue([&]() {
                            res = process_mtmd_chunk(]])
  set(text "${text}" PARENT_SCOPE)
endfunction()

# The engine keeps room for a score of each token of the vocabulary for each token of a batch, and writes zeros into it. A
# model for embeddings has no such scores: a text of 8,000 tokens would take 8 GB for a vocabulary of 250,000.
function(abstractllm_limit_outputs source_dir)
  set(name llama-context)
  _abstractllm_read(${source_dir}/src/${name}.cpp)
  _abstractllm_edit(1 [[    bool has_logits     = true;
]] [[    bool has_logits     = !cparams.embeddings || (memory && cparams.pooling_type == LLAMA_POOLING_TYPE_NONE);
]])
  _abstractllm_compile_copy(llama "" "" "${source_dir}/src")
endfunction()

# The engine takes memory for as many samples as the header of a recording claims, and computes spectra of all of them on
# the thread that every call shares. One that claims none would end the process.
function(abstractllm_limit_audio source_dir)
  set(name mtmd-helper)
  _abstractllm_read(${source_dir}/tools/mtmd/${name}.cpp)
  _abstractllm_edit(1 "#include <algorithm>\n" "#include <algorithm>\n#include <stdexcept>\n")
  _abstractllm_edit(1 [[    pcmf32_mono.resize(frame_count);
]] [[    constexpr ma_uint64 most_seconds = 3600;
    if (frame_count == 0 || frame_count > most_seconds * (ma_uint64) target_sampler_rate) {
        ma_decoder_uninit(&decoder);
        throw std::runtime_error(frame_count == 0 ? "a recording has no sound, or does not say how long it is"
                                                  : "a recording is longer than an hour (3600 seconds)");
    }
    pcmf32_mono.resize(frame_count);
]])
  _abstractllm_compile_copy(mtmd "" "" "${source_dir}/tools/mtmd")
endfunction()
