//! The domain: answers, facts, plan, diff, outcome, receipt. Pure: no I/O, no terminal, no HTTP.

pub mod answers;
pub mod command;
pub mod desired;
pub mod diff;
pub mod endpoints;
pub mod export;
pub mod extra;
pub mod facts;
pub mod fix;
pub mod lifetime;
pub mod mint;
pub mod outcome;
pub mod pem;
pub mod plan;
pub mod planner;
pub mod providers;
pub mod question;
pub mod recall;
pub mod receipt;
pub mod recognize;
mod reverse;
pub mod sample;
pub mod setting;
pub mod similar;
pub mod source;
