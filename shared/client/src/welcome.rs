//! The document of the first run: its lines are the tutorial.

use tideline_model::{Kind, Outline, OutlineLine, TodoState};

use crate::protocol::Lesson;

/// What the line says that teaches it.
pub fn taught_by(lesson: Lesson) -> &'static str {
    match lesson {
        Lesson::Write => "Press Enter at the end of this line, and write something.",
        Lesson::Indent => "Press Tab to indent a line, Shift+Tab to bring it back.",
        Lesson::Move => "Move a line with Alt+↑ and Alt+↓. What is below it comes along.",
        Lesson::Complete => "Tick this line off with Ctrl+Enter.",
        Lesson::Fold => "Fold a line with Ctrl+↑ and unfold it with Ctrl+↓:",
        Lesson::Zoom => "Zoom into this line with Alt+→, and out again with Alt+←.",
        Lesson::Prefix => {
            "Start a line with “# ”, “- ”, “1. ”, “[] ” or “> ” to change what it is."
        }
        Lesson::Palette => "Open the command palette with Ctrl+K: every command, and its key.",
        Lesson::Split => "Split the panel with Ctrl+\\, and watch both sides while you type.",
        Lesson::Import => {
            "Bring your own notes: tideline import FOLDER reads a folder of Markdown."
        }
    }
}

/// The Welcome document as plain data.
pub fn welcome() -> Outline {
    let lesson = |lesson| (1, Kind::Todo(TodoState::Open), taught_by(lesson));
    let lines = [
        (0, Kind::Heading(1), "Welcome to Tideline"),
        (
            0,
            Kind::Text,
            "This is a document. Every line can be typed in, moved, folded and zoomed.",
        ),
        (0, Kind::Heading(2), "Try these, in any order"),
        lesson(Lesson::Write),
        lesson(Lesson::Indent),
        lesson(Lesson::Move),
        lesson(Lesson::Complete),
        lesson(Lesson::Fold),
        (2, Kind::Bullet, "what is below it"),
        (2, Kind::Bullet, "goes out of sight, and comes back"),
        lesson(Lesson::Zoom),
        (
            2,
            Kind::Text,
            "The path above the text shows where you are.",
        ),
        lesson(Lesson::Prefix),
        lesson(Lesson::Palette),
        lesson(Lesson::Split),
        lesson(Lesson::Import),
        (0, Kind::Heading(2), "Good to know"),
        (
            1,
            Kind::Text,
            "Everything works offline. What you type is on this computer at once; the bar below says so.",
        ),
        (
            1,
            Kind::Text,
            "To write with others, or on two computers, connect a sync server in Settings (Ctrl+,).",
        ),
    ];
    let line = |(depth, kind, text): (u32, Kind, &str)| OutlineLine {
        depth,
        kind,
        text: text.to_owned(),
        ..OutlineLine::default()
    };
    Outline {
        title: "Welcome".to_owned(),
        lines: lines.into_iter().map(line).collect(),
        ..Outline::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_at_most_one_deeper_than_the_one_before() {
        let depths: Vec<u32> = welcome().lines.iter().map(|line| line.depth).collect();
        assert!(
            depths.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "{depths:?}"
        );
    }
}
