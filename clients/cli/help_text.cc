#include "clients/cli/help_text.h"

namespace quern::cli {

const char kProgramSummary[] = "Grinds pretraining documents into verified question-answer data.";

const char kProgramHelp[] =
    R"(Start here:
  quern run corpus/*.jsonl.zst --output out    documents in, verified records out
  quern inspect out                            what became of every document
  quern convert page.html                      one document's way through the stages

`run` is the whole system in one process. `submit`, `watch`, `records` and the rest talk to services that run
on their own. `quern COMMAND --help` teaches each. Data goes to standard output, everything else to standard
error. NO_COLOR is honoured.)";

const char kExitCodes[] =
    R"(0    done
3    done, with dead letters: see `quern inspect` and the folder dead-letters
4    the job was cancelled
5    the job is paused
64   the command line is wrong
65   the data is wrong, or not in the state that the command needs
66   an input is missing or cannot be read
69   a service is away or turns us away: the server, Redis, or a model's server
70   a fault of Quern itself: please report it
73   the output cannot be written, is in use, or holds another job
75   failed for now: try again
77   the server wants a token, another one, or one with more rights
78   the configuration or the job's spec is wrong
130  ended by SIGINT (Ctrl-C)
143  ended by SIGTERM
)";

const CommandHelp kRunHelp = {
    "run", "Turn documents into a dataset, all on this machine",
    R"(Reads JSON Lines (plain, .gz, .zst; field "text", optionally "id" and "title"), plain text, Markdown and HTML
files, and folders of them; - is standard input. All inputs are checked before anything begins.

The dataset is written to DIR/records, DIR/rejections and DIR/dead-letters, with DIR/manifest.json. Interrupt the
run as you like: the same command resumes it, and the dataset becomes the one that an uninterrupted run would have
made. DIR/redis holds what is under way, DIR/quern.log the log.

Examples:
  quern run corpus.jsonl.zst notes/ --output out/mine
  quern run big.jsonl.zst --output out/try --limit 1000
  zcat dump.gz | quern run - --output out/dump
  quern run corpus/ --output out/strict --spec job.yaml --set filter.min_tokens=200
  quern run corpus/ --output out/models --spec job.yaml --reply-cache replies

With --reply-cache models' replies are kept in a folder: another run, with another prompt for its verifier say, asks and pays only
for what was not asked before.

The last line on standard output is the dataset's folder. Exit code 3: done, but some inputs became dead letters.
Once what killed them is mended (a server's setting, say), the same command with --redrive tries them again. How
models are reached may change between two runs in one folder (servers, keys, limits, prices, time-outs), and so may the
budget; anything else is another dataset.)"};

const CommandHelp kInspectHelp = {
    "inspect", "Tell what became of a dataset's documents",
    R"(Counts by terminal state, stage, reason and domain, throughput, and a few sample records. Needs no server; a
run may be under way.

Examples:
  quern inspect out/mine
  quern inspect out/mine --json | python3 -m json.tool)"};

const CommandHelp kTraceHelp = {
    "trace", "Tell a document's or record's whole life",
    R"(Stages, failed attempts, calls, tokens, cost, reasons and times (UTC), and the trace id under which its models were
called and log lines were written. ID is a document's, or that of one of its records, rejections or dead letters.

Of a run's folder it needs no server, and tells what is written; of a job of a server it tells what is in flight, too.

Examples:
  quern trace elements/boron --output out/mine
  quern trace 'elements/boron#2' --output out/mine
  quern trace elements/boron --job first --server pipeline.example.org:7070 --json)"};

const CommandHelp kConvertHelp = {"convert", "Show one document's way through all stages",
                                  R"(Nothing is stored: for trying specs, rules and prompts.

Examples:
  quern convert page.html
  quern convert corpus.jsonl.zst --line 42 --set persona.max_personas=1
  quern convert notes.txt --server 127.0.0.1:7070 --json
  quern convert notes.txt --spec job.yaml --reply-cache replies    try prompts: only what has changed is asked)"};

const CommandHelp kPromptsHelp = {
    "prompts", "Show what would be sent to models for a document",
    R"(Asks nobody and needs no key. What only a model could tell (persona, question, answer) stands in brackets.

Examples:
  quern prompts corpus.jsonl.zst --line 42 --spec job.yaml
  quern prompts page.html --spec job.yaml | less)"};

const CommandHelp kEstimateHelp = {
    "estimate", "Tell what a job would cost, from a sample",
    R"(Reads the corpus once, draws documents at random, works them off with the job's models as `quern run` would, and
tells for the whole corpus: calls by stage, tokens, records, cost, and the time at the models' limits, each with
the bounds between which it lies with 95 % confidence. The sample is paid for; what it took is told, too. A larger sample
narrows the bounds: four times the documents, half the distance. The same spec draws the same documents.

With --reply-cache the sample's replies are kept, and the run that follows does not pay for them again.

Examples:
  quern estimate corpus.jsonl.zst --spec job.yaml
  quern estimate corpus/ --spec job.yaml --sample 800 --reply-cache replies
  quern run corpus/ --spec job.yaml --output out --reply-cache replies
  quern estimate corpus/ --spec job.yaml --set budget.max_cost=1 --json | python3 -m json.tool

Exit code 5: the sample was paused, by its budget or a key that was refused say.)"};

const CommandHelp kImportHelp = {"import", "Turn HTML trees, text or dictionaries into JSON Lines",
                                 R"(Kinds:
  html   pages (.html, .htm), with their titles; folders are searched through
  text   text files, one document each
  dict   dictionaries in dictd's format: name the .index file, the .dict or .dict.dz stands beside it

Examples:
  quern import html /usr/share/doc/postgresql-doc-15/html --prefix postgresql/ --output postgresql.jsonl.zst
  quern import dict /usr/share/dictd/foldoc.index --output foldoc.jsonl.zst)"};

const CommandHelp kSubmitHelp = {
    "submit", "Send documents to a server as a job",
    R"(Creates the job, sends all sources, and closes the job's input. Lost connections are opened again. The same command
again goes on with what the server does not have yet; a job of this name with another spec is refused.

Examples:
  quern submit corpus/*.jsonl.zst --job first --watch
  quern submit more/ --job second --server pipeline.example.org:7070 --spec job.yaml)"};

const CommandHelp kWatchHelp = {"watch", "Follow a job to its end",
                                R"(Exit code 0, 3, 4 or 5 says how it ended. Leaving (Ctrl-C) does not disturb the job.

Example:
  quern watch first)"};

const CommandHelp kStatusHelp = {"status", "Show a job, or all of them",
                                 R"(Examples:
  quern status
  quern status first --json)"};

const CommandHelp kPauseHelp = {"pause", "Stop starting work on a job",
                                R"(What is under way finishes; documents are still taken. `quern resume` goes on.

Example:
  quern pause first)"};

const CommandHelp kResumeHelp = {"resume", "Go on with a paused job",
                                 R"(A job that has spent its budget goes on with a higher one; what it has spent counts.

Examples:
  quern resume first
  quern resume first --max-cost 50)"};

const CommandHelp kCancelHelp = {"cancel", "End a job; what is written stays",
                                 R"(What is queued counts as cancelled. It cannot be taken back.

Example:
  quern cancel first)"};

const CommandHelp kDeleteHelp = {"delete", "Forget a job that has ended",
                                 R"(Examples:
  quern delete first              its dataset stays, and its name is taken
  quern delete first --dataset    its dataset goes too)"};

const CommandHelp kRecordsHelp = {"records", "Write a job's records as JSON Lines",
                                  R"(Examples:
  quern records first > records.jsonl
  quern records first --follow | head -n 3)"};

const CommandHelp kHealthHelp = {
    "health", "Ask a process whether it takes work",
    R"(By gRPC's health protocol, of any of the five services. Exit code 0: it takes work; 69: it does not, or nobody answers.

Examples:
  quern health
  quern health 127.0.0.1:7071)"};

const CommandHelp kDeadLettersHelp = {"dead-letters", "List what could not be processed, or send it again", ""};

const CommandHelp kDeadLettersListHelp = {"list", "List a job's dead letters",
                                          R"(Examples:
  quern dead-letters list first
  quern dead-letters list first --reason POISON --json)"};

const CommandHelp kDeadLettersRedriveHelp = {
    "redrive", "Send dead letters through their stage again",
    R"(Input that could not be read cannot be sent again: repair it at its source. A completed job runs again.

Examples:
  quern dead-letters redrive first
  quern dead-letters redrive first --reason MODEL_REPLY --id 5f2c#1)"};

}  // namespace quern::cli
