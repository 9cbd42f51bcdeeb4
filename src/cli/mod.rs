//! The command line: the same code paths as the window.
