//! The binary: parse, dispatch, error to standard error and exit code.

use std::process::ExitCode;

use akwiz::cli::output::Output;
use akwiz::cli::{self, Cli, GlobalOptions};
use akwiz::error::{Ended, Result};
use akwiz::ui::theme::Theme;
use akwiz::ui::{self, Launch};

fn main() -> ExitCode {
    cli::completions::answer_shell();
    let Cli { global, command } = cli::parse();
    let output = Output::new(&global);
    let ended = match command {
        Some(command) => cli::run(&global, command, &output).map(Ended::exit_code),
        None if cli::plain::is_wanted(&global) => cli::run_plain(&global, &output).map(Ended::exit_code),
        None => wizard(global, &output),
    };
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output.error(&error);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

/// Opens the wizard. The stand-in, if it is wanted, runs until the wizard has ended.
fn wizard(global: GlobalOptions, output: &Output) -> Result<u8> {
    cli::start_log(&global, output)?;
    let env = |name: &str| match name {
        "NO_COLOR" if global.no_color => Some("1".to_owned()),
        _ => std::env::var(name).ok(),
    };
    #[cfg(feature = "demo")]
    let stand_in = if global.demo { Some(cli::background::Background::start()?) } else { None };
    #[cfg(not(feature = "demo"))]
    cli::without_demo(&global)?;
    ui::run(Launch {
        theme: Theme::from_env(env, global.ascii),
        mouse: global.mouse,
        clipboard: global.clipboard.unwrap_or_default(),
        #[cfg(feature = "demo")]
        demo: stand_in.as_ref().map(demo).transpose()?,
        url: global.url,
        public_url: global.public_url,
        ca_file: global.ca_file,
        token_file: global.token_file,
        ..Launch::default()
    })
}

#[cfg(feature = "demo")]
fn demo(stand_in: &cli::background::Background) -> Result<ui::Demo> {
    let (url, public_url) = (stand_in.url().to_owned(), cli::background::PUBLIC.to_owned());
    Ok(ui::Demo { url, public_url, plex: stand_in.plex_url()?, token: stand_in.token() })
}
