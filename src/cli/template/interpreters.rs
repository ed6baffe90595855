//! Syntax checks by the languages' own programs, where they are installed. Nothing is executed: each program only reads.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::catalog::lint::is_built_in;
use crate::catalog::template::Format;

/// A text to check. It is whole, secrets included, and goes to a child's standard input only.
#[derive(Debug)]
pub struct Sample {
    /// Where it is, for the report.
    pub place: String,
    /// What it must be parsed as.
    pub format: Format,
    /// The text.
    pub text: String,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Number and message of each text that a program refused.
    pub refused: Vec<(usize, String)>,
    /// What could not be checked, and by which program it would have been: one sentence for each.
    pub skipped: Vec<String>,
}

/// A text with its number among the samples.
type Numbered<'t> = (usize, &'t str);

/// A way to check many texts at once: starting an interpreter for each takes too long.
struct Batch {
    /// Program and arguments. It reads texts separated by NUL, and writes one line `number<TAB>message` for each that it refuses.
    command: &'static [&'static str],
    /// What it says on standard error where a part that it needs is missing.
    lacks: &'static str,
}

const PYTHON: Batch = Batch {
    command: &[
        "python3",
        "-c",
        r"import sys
for n, text in enumerate(sys.stdin.buffer.read().decode().split('\0')):
    try: compile(text, 'text', 'exec')
    except (SyntaxError, ValueError) as e: print(n, e.args[0], sep='\t')",
    ],
    lacks: "",
};
const PYTHON_YAML: Batch = Batch {
    command: &[
        "python3",
        "-c",
        r"import sys, yaml
for n, text in enumerate(sys.stdin.buffer.read().decode().split('\0')):
    try: list(yaml.safe_load_all(text))
    except yaml.YAMLError as e: print(n, getattr(e, 'problem', None) or 'not YAML', sep='\t')",
    ],
    lacks: "No module named",
};
const RUBY_YAML: Batch = Batch {
    command: &[
        "ruby",
        "-ryaml",
        "-e",
        r##"STDIN.set_encoding("UTF-8"); STDIN.read.split("\0", -1).each_with_index do |text, n|
begin; Psych.parse_stream(text); rescue Psych::SyntaxError => e; puts "#{n}\t#{e.problem}"; end
end"##,
    ],
    lacks: "cannot load",
};
const RUBY: Batch = Batch {
    command: &[
        "ruby",
        "-e",
        r##"STDIN.set_encoding("UTF-8"); $VERBOSE = nil; STDIN.read.split("\0", -1).each_with_index do |text, n|
begin; RubyVM::InstructionSequence.compile(text); rescue SyntaxError => e; puts "#{n}\t#{e.message.lines.first}"; end
end"##,
    ],
    lacks: "uninitialized constant",
};
const PHP: Batch = Batch {
    command: &[
        "php",
        "-r",
        r#"foreach (explode("\0", stream_get_contents(STDIN)) as $n => $text) {
if (!str_contains($text, "<?")) $text = "<?php\n" . $text;
try { token_get_all($text, TOKEN_PARSE); } catch (ParseError $e) { echo $n, "\t", $e->getMessage(), "\n"; } }"#,
    ],
    lacks: "undefined function",
};
const NODE: Batch = Batch {
    command: &[
        "node",
        "-e",
        r#"const vm = require("vm"); require("fs").readFileSync(0, "utf8").split("\0").forEach((text, n) => {
try { new vm.Script(text); } catch (e) { try { new vm.Script("(" + text + "\n)"); } catch { console.log(n + "\t" + e.message); } } })"#,
    ],
    lacks: "",
};

/// Checks each text with the program for its format.
pub fn check(samples: &[Sample]) -> Verdict {
    let mut verdict = Verdict::default();
    let mut by_format: BTreeMap<&'static str, (Format, Vec<Numbered<'_>>)> = BTreeMap::new();
    for (number, sample) in samples.iter().enumerate() {
        by_format.entry(name(sample.format)).or_insert((sample.format, Vec::new())).1.push((number, &sample.text));
    }
    for (name, (format, texts)) in by_format {
        let (batches, programs): (&[Batch], &str) = match format {
            format if is_built_in(format) => continue,
            Format::Plain => continue,
            Format::Shell | Format::EnvShell => {
                for (number, text) in texts {
                    match shell(text) {
                        Some(Ok(())) => {}
                        Some(Err(message)) => verdict.refused.push((number, message)),
                        None => verdict.skip(name, "sh"),
                    }
                }
                continue;
            }
            Format::Yaml => (&[PYTHON_YAML, RUBY_YAML], "python3 with PyYAML, or ruby"),
            Format::Python => (&[PYTHON], "python3"),
            Format::Php => (&[PHP], "php"),
            Format::Ruby => (&[RUBY], "ruby"),
            Format::Javascript => (&[NODE], "node"),
            _ => {
                verdict.skipped.push(format!("{name}: akwiz knows no program that checks it."));
                continue;
            }
        };
        match batches.iter().find_map(|batch| batch.run(&texts)) {
            Some(refused) => verdict.refused.extend(refused),
            None => verdict.skip(name, programs),
        }
    }
    verdict
}

impl Verdict {
    fn skip(&mut self, format: &str, programs: &str) {
        let sentence = format!("{format}: not checked, since {programs} is not installed.");
        if !self.skipped.contains(&sentence) {
            self.skipped.push(sentence);
        }
    }
}

impl Batch {
    /// Number and message of what was refused; none where the program is missing or lacks a part.
    fn run(&self, texts: &[Numbered<'_>]) -> Option<Vec<(usize, String)>> {
        let whole: Vec<&str> = texts.iter().map(|(_, text)| *text).collect();
        let (done, out, error) = pipe(self.command, &whole.join("\0"))?;
        if !done && !self.lacks.is_empty() && error.contains(self.lacks) {
            return None;
        }
        if !done {
            let message = error.lines().last().unwrap_or_default();
            return Some(texts.iter().map(|(number, _)| (*number, message.to_owned())).collect());
        }
        let refused = out.lines().filter_map(|line| {
            let (position, message) = line.split_once('\t')?;
            let (number, _) = texts.get(position.parse::<usize>().ok()?)?;
            Some((*number, message.trim().to_owned()))
        });
        Some(refused.collect())
    }
}

/// `sh -n`; and `bash -n` for what only bash and its like understand. None where there is no shell.
fn shell(text: &str) -> Option<Result<(), String>> {
    let (done, _, error) = pipe(&["sh", "-n"], text)?;
    if done || matches!(pipe(&["bash", "-n"], text), Some((true, ..))) {
        return Some(Ok(()));
    }
    Some(Err(error.lines().next().unwrap_or_default().to_owned()))
}

/// Runs a program on a text: whether it ended well, its output, its errors. None where it cannot be started.
fn pipe(command: &[&str], input: &str) -> Option<(bool, String, String)> {
    let (program, arguments) = command.split_first()?;
    let mut child =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let input = input.to_owned();
    // A program that answers before it has read everything must not hold both sides.
    let writer = std::thread::spawn(move || {
        // A program that stops reading has said why on standard error.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().ok()?;
    writer.join().ok()?;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    // Version managers leave a stand-in for programs that are not there.
    if !output.status.success() && (error.contains("command not found") || error.contains("not installed")) {
        return None;
    }
    Some((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned(), error))
}

/// The format's name in templates.
fn name(format: Format) -> &'static str {
    match format {
        Format::Plain => "plain",
        Format::EnvCompose => "env-compose",
        Format::EnvDocker => "env-docker",
        Format::EnvShell => "env-shell",
        Format::EnvSystemd => "env-systemd",
        Format::Shell => "shell",
        Format::Powershell => "powershell",
        Format::Json => "json",
        Format::Yaml => "yaml",
        Format::Toml => "toml",
        Format::Ini => "ini",
        Format::Properties => "properties",
        Format::Php => "php",
        Format::Python => "python",
        Format::Ruby => "ruby",
        Format::Javascript => "javascript",
        Format::Elixir => "elixir",
        Format::Apache => "apache",
        Format::Nginx => "nginx",
        Format::Dovecot => "dovecot",
        Format::Xml => "xml",
        Format::Html => "html",
        Format::Sql => "sql",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(format: Format, text: &str) -> Sample {
        Sample { place: format!("{} {text}", name(format)), format, text: text.into() }
    }

    #[test]
    fn what_is_broken_is_refused_with_its_place() {
        let broken = [
            (Format::Shell, "echo 'a"),
            (Format::Shell, "if true; then"),
            (Format::Yaml, "a: [b"),
            (Format::Python, "a = ("),
            (Format::Php, "$a = ;"),
            (Format::Ruby, "a = [1"),
            (Format::Javascript, "let a = ;"),
        ];
        let sound = [
            (Format::Shell, "read -rsp 'x: ' K && curl -H @<(printf %s \"$K\") https://a.example"),
            (Format::Yaml, "a: [b]\n---\nc: d\n"),
            (Format::Python, "A = {'b': True}\n"),
            (Format::Php, "$a = ['b' => 'c'];"),
            (Format::Php, "<?php $a = 1;"),
            (Format::Ruby, "a['b'] = { 'c' => \"d\" }"),
            (Format::Javascript, "{ a: 'b' }"),
            (Format::Json, "not looked at"),
        ];
        let samples: Vec<Sample> = broken.iter().chain(&sound).map(|(format, text)| sample(*format, text)).collect();
        let verdict = check(&samples);
        for (number, sample) in samples.iter().enumerate() {
            let refused = verdict.refused.iter().any(|(other, message)| *other == number && !message.is_empty());
            let skipped = verdict.skipped.iter().any(|sentence| sentence.starts_with(&format!("{}:", name(sample.format))));
            assert_eq!(refused, number < broken.len() && !skipped, "{} {:?}", sample.place, verdict.refused);
        }
        assert_eq!(check(&[sample(Format::Nginx, "a")]).skipped, ["nginx: akwiz knows no program that checks it."]);
    }
}
