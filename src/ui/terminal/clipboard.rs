//! Copying through the terminal (OSC 52), the only way to the clipboard of the machine at the other end of an SSH line.
//!
//! The terminal doesn't answer: whether it took the text isn't known. Say "sent to the terminal", never "copied".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::caps::Multiplexer;

/// The longest text in bytes that terminals take: encoded, with the sequence around it, 100,000 bytes.
pub const MAX_TEXT: usize = 74_994;

/// GNU screen drops what is longer than 256 bytes in one of its strings, so the sequence goes through it in pieces.
const SCREEN_PIECE: usize = 240;

/// A text that no terminal would take.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{bytes} bytes are too long for the terminal's clipboard (at most {MAX_TEXT}); export to a file instead"
)]
pub struct TooLong {
    /// The text's length.
    pub bytes: usize,
}

/// The sequence that puts a text into the terminal's clipboard.
///
/// # Errors
/// [`TooLong`].
pub fn osc52(text: &str, multiplexer: Multiplexer) -> Result<Vec<u8>, TooLong> {
    if text.len() > MAX_TEXT {
        return Err(TooLong { bytes: text.len() });
    }
    let sequence = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    Ok(match multiplexer {
        Multiplexer::None => sequence.into_bytes(),
        // tmux takes it itself with `set-clipboard on`, and hands it through with `allow-passthrough on`. Which of them
        // is set can't be known, and both setting the same text does no harm.
        Multiplexer::Tmux => {
            let doubled = sequence.replace('\x1b', "\x1b\x1b");
            format!("{sequence}\x1bPtmux;{doubled}\x1b\\").into_bytes()
        }
        Multiplexer::Screen => {
            let pieces = sequence.as_bytes().chunks(SCREEN_PIECE);
            pieces.flat_map(|piece| [b"\x1bP", piece, b"\x1b\\"].concat()).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipboard_sequence_is_wrapped_for_what_is_between() {
        let sequence = |multiplexer| String::from_utf8(osc52("NOK 9,125", multiplexer).unwrap()).unwrap();
        let plain = "\x1b]52;c;Tk9LIDksMTI1\x07";
        assert_eq!(sequence(Multiplexer::None), plain);
        assert_eq!(sequence(Multiplexer::Tmux), format!("{plain}\x1bPtmux;\x1b{plain}\x1b\\"));
        assert_eq!(sequence(Multiplexer::Screen), format!("\x1bP{plain}\x1b\\"));
    }

    #[test]
    fn long_text_goes_through_screen_in_pieces_that_join_again() {
        let text = "日本".repeat(2000);
        let bytes = osc52(&text, Multiplexer::Screen).unwrap();
        let sent = String::from_utf8(bytes).unwrap();
        let pieces: Vec<&str> =
            sent.split_terminator("\x1b\\").map(|piece| piece.strip_prefix("\x1bP").unwrap()).collect();
        assert!(pieces.iter().all(|piece| piece.len() <= 250));
        let joined = pieces.concat();
        let encoded = joined.strip_prefix("\x1b]52;c;").unwrap().strip_suffix('\x07').unwrap();
        let decoded = STANDARD.decode(encoded).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), text);
    }

    #[test]
    fn text_that_no_terminal_takes_is_refused() {
        let longest = "x".repeat(MAX_TEXT);
        assert!(osc52(&longest, Multiplexer::None).unwrap().len() <= 100_000);
        let error = osc52(&format!("{longest}x"), Multiplexer::None).unwrap_err();
        assert!(error.to_string().contains("74995"), "{error}");
    }
}
