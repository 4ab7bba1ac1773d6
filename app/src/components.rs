//! The parts of the pages: small, fed with plain data, one idea a file. Each has a style sheet of the same name in `style/`.

pub(crate) mod advice;
pub(crate) mod attempt_list;
pub(crate) mod fact_list;
pub(crate) mod filter_chips;
pub(crate) mod finding_card;
pub(crate) mod freshness_line;
pub(crate) mod header;
pub(crate) mod icon;
pub(crate) mod language_form;
pub(crate) mod mail_row;
pub(crate) mod mail_table;
pub(crate) mod pager;
pub(crate) mod problem_card;
pub(crate) mod progress;
pub(crate) mod raw_lines;
pub(crate) mod search_form;
pub(crate) mod timeline;
pub(crate) mod verdict;
pub(crate) mod wrapping;
