//! Experiments in SQLite: nothing recorded is ever lost or changed.
