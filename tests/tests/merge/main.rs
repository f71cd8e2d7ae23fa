//! Merging: the table of what two people get, random histories, editing traces of real people.

mod oracle_alone;
mod pairs;
mod plans;
mod random;
mod scene;
mod table;
mod traces;
