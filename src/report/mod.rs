//! Text and tables about rehearsals, for people and for other programs.
