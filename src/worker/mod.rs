//! Background work: the only place with threads.
