//! What is parsed.

/// A stream, cut into chunks.
pub(crate) struct Stream {
    pub(crate) name: &'static str,
    pub(crate) chunks: Vec<Vec<u8>>,
    pub(crate) events: usize,
    /// Bytes of all events' data.
    pub(crate) payload: usize,
}

pub(crate) const STREAMS: [fn() -> Stream; 7] = [
    || {
        same_event(
            "100-byte events, 64 kB chunks",
            &data(100, 'x'),
            40_000,
            1 << 16,
        )
    },
    || {
        same_event(
            "100-byte events, 1,400-byte chunks",
            &data(100, 'x'),
            40_000,
            1400,
        )
    },
    || {
        same_event(
            "100-byte events, 10-byte chunks",
            &data(100, 'x'),
            4_000,
            10,
        )
    },
    || {
        same_event(
            "id, type, 100 bytes, 64 kB chunks",
            &named(100),
            40_000,
            1 << 16,
        )
    },
    || {
        same_event(
            "100 bytes of CJK, 64 kB chunks",
            &data(33, '中'),
            40_000,
            1 << 16,
        )
    },
    || {
        same_event(
            "1 kB in 10 lines, 64 kB chunks",
            &lines(10, 100),
            4_000,
            1 << 16,
        )
    },
    || same_event("1 MB events, 64 kB chunks", &data(1 << 20, 'x'), 4, 1 << 16),
];

impl Stream {
    pub(crate) fn bytes(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }
}

struct Block {
    text: String,
    payload: usize,
}

fn data(length: usize, letter: char) -> Block {
    let payload: String = std::iter::repeat_n(letter, length).collect();
    Block {
        text: format!("data: {payload}\n\n"),
        payload: payload.len(),
    }
}

fn named(length: usize) -> Block {
    let block = data(length, 'x');
    Block {
        text: format!("id: 1755-000042\nevent: new_message\n{}", block.text),
        ..block
    }
}

fn lines(count: usize, length: usize) -> Block {
    let line = format!("data: {}\n", "x".repeat(length));
    Block {
        text: line.repeat(count) + "\n",
        payload: count * (length + 1) - 1,
    }
}

fn same_event(name: &'static str, block: &Block, events: usize, chunk: usize) -> Stream {
    let bytes = block.text.repeat(events).into_bytes();
    Stream {
        name,
        chunks: bytes.chunks(chunk).map(<[u8]>::to_vec).collect(),
        events,
        payload: events * block.payload,
    }
}
