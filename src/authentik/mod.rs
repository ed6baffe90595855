//! The API client: thin and tolerant, for authentik 2024.12 and later.
