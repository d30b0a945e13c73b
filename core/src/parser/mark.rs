//! The byte order mark at the start of a stream.

/// U+FEFF in UTF-8.
const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// How far the search for a byte order mark has come. One at the very start of a stream
/// is not part of it; any other is text (9.2.5, "bom").
#[derive(Debug, Default)]
pub(super) enum ByteOrderMark {
    #[default]
    Unknown,
    /// So many bytes that the mark begins with have come.
    Begun(usize),
    Done,
}

impl ByteOrderMark {
    /// Takes the mark off the stream's start, however it is split. Returns bytes of
    /// earlier chunks that turn out to be text after all, and where this chunk's text
    /// begins.
    pub(super) fn skip(&mut self, chunk: &[u8]) -> (&'static [u8], usize) {
        let begun = match self {
            Self::Done => return (&[], 0),
            Self::Unknown => 0,
            Self::Begun(length) => *length,
        };
        let wanted = &MARK[begun..];
        if chunk.starts_with(wanted) {
            *self = Self::Done;
            (&[], wanted.len())
        } else if wanted.starts_with(chunk) {
            *self = Self::Begun(begun + chunk.len());
            (&[], chunk.len())
        } else {
            *self = Self::Done;
            (&MARK[..begun], 0)
        }
    }
}
