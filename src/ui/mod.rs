//! The window: draws the state and sends commands; owns no facts.
