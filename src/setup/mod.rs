//! The domain: answers, facts, plan, diff, outcome, receipt. Pure.
