//! Merging: the table of what two people get, random histories, editing traces of real people.

mod comparing;
mod elsewhere;
mod oracle_alone;
mod pairs;
mod past;
mod plans;
mod planted;
mod random;
mod runs;
mod scene;
mod table;
mod traces;
