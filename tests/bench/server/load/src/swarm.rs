//! Thousands of streams and a few publishers on one thread.

use crate::{
    order::Got,
    publishers::Publishers,
    scan::Scanner,
    target::{Target, To},
};
use memchr::memmem;
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    time::{Duration, Instant},
};

/// Streams that are being opened at the same time.
const OPENING: usize = 256;
/// Without a byte for so long, a server is taken to have failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Swarm<'a> {
    pub(crate) target: &'a Target,
    poll: Poll,
    streams: Vec<Stream>,
    pub(crate) publishers: Publishers,
    scanner: Scanner,
    buffer: Vec<u8>,
    started: Instant,
    numbered: u64,
    /// Streams that said that they are ready.
    ready: usize,
    /// Events received, by all streams.
    pub(crate) received: u64,
    /// From sending to receiving, in nanoseconds, where somebody wants to know.
    pub(crate) latencies: Option<Vec<u64>>,
    /// What the first stream got lately: it tells where the log stands.
    tail: Vec<u8>,
}

struct Stream {
    socket: TcpStream,
    /// Sent once the socket is connected.
    request: String,
    ready: bool,
    rest: Vec<u8>,
    got: Got,
}

impl<'a> Swarm<'a> {
    pub(crate) fn new(target: &'a Target, publishers: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        Ok(Self {
            publishers: Publishers::new(poll.registry(), target.address, publishers)?,
            target,
            poll,
            streams: Vec::new(),
            scanner: Scanner::new(),
            buffer: vec![0; 256 << 10],
            started: Instant::now(),
            numbered: 0,
            ready: 0,
            received: 0,
            latencies: None,
            tail: Vec::new(),
        })
    }

    /// Opens `count` streams and waits until each is ready.
    pub(crate) fn open(&mut self, count: usize, last_event_id: &str) -> io::Result<Duration> {
        let requests: Vec<String> = (0..count)
            .map(|index| self.target.subscribe(index, last_event_id))
            .collect();
        let start = Instant::now();
        for request in requests {
            self.turn_until(|swarm| swarm.streams.len() < swarm.ready + OPENING)?;
            let mut socket = TcpStream::connect(self.target.address)?;
            let token = Token(self.streams.len());
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.poll
                .registry()
                .register(&mut socket, token, interest)?;
            self.streams.push(Stream {
                socket,
                request,
                ready: false,
                rest: Vec::new(),
                got: Got::default(),
            });
        }
        self.turn_until(|swarm| swarm.ready == count)?;
        Ok(start.elapsed())
    }

    pub(crate) fn close_all(&mut self) {
        self.streams.clear();
        (self.ready, self.received) = (0, 0);
    }

    /// Sends an event of `size` bytes of data.
    pub(crate) fn publish(&mut self, to: To, size: usize) -> io::Result<()> {
        let data = crate::scan::payload(self.numbered, nanoseconds(self.started), size);
        self.numbered += 1;
        self.publishers.send(&self.target.publish(to, &data))
    }

    /// The last event ID that the first stream got.
    pub(crate) fn last_event_id(&self) -> Option<String> {
        let at = memmem::rfind(&self.tail, b"id: ")?;
        let line = self.tail[at + 4..].split(|byte| *byte == b'\n').next()?;
        String::from_utf8(line.trim_ascii().to_vec()).ok()
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.streams.iter().map(|stream| stream.got).collect()
    }

    /// Goes on for a while.
    pub(crate) fn turn_for(&mut self, duration: Duration) -> io::Result<()> {
        let end = Instant::now() + duration;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.turn(left)?;
        }
        Ok(())
    }

    pub(crate) fn turn_until(&mut self, done: impl Fn(&Self) -> bool) -> io::Result<()> {
        while !done(self) {
            if !self.turn(PATIENCE)? {
                return Err(io::Error::new(
                    ErrorKind::TimedOut,
                    format!(
                        "nothing came any more: {} streams, {} ready, {} events, {} answers lacking",
                        self.streams.len(),
                        self.ready,
                        self.received,
                        self.publishers.unanswered()
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Handles what there is, waiting for it at most so long; false where nothing came.
    fn turn(&mut self, wait: Duration) -> io::Result<bool> {
        let mut events = Events::with_capacity(1_024);
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(true),
            polled => polled?,
        }
        for event in &events {
            let token = event.token();
            if Publishers::owns(token) {
                self.publishers.turn(token)?;
            } else if token.0 < self.streams.len() {
                if event.is_writable() {
                    self.streams[token.0].send_request()?;
                }
                self.read(token.0)?;
            }
        }
        Ok(!events.is_empty())
    }

    fn read(&mut self, index: usize) -> io::Result<()> {
        let now = nanoseconds(self.started);
        let stream = &mut self.streams[index];
        loop {
            let kept = stream.rest.len();
            self.buffer[..kept].copy_from_slice(&stream.rest);
            let length = match stream.socket.read(&mut self.buffer[kept..]) {
                Ok(0) => {
                    let text = String::from_utf8_lossy(&stream.rest).into_owned();
                    return Err(io::Error::other(format!(
                        "stream {index} was ended: {text}"
                    )));
                }
                Ok(length) => kept + length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            let bytes = &self.buffer[..length];
            if !stream.ready {
                if memmem::find(bytes, self.target.ready()).is_none() {
                    stream.rest = bytes.to_vec();
                    continue;
                }
                if !bytes.starts_with(b"HTTP/1.1 200") {
                    let text = String::from_utf8_lossy(bytes);
                    return Err(io::Error::other(format!("stream {index} got: {text}")));
                }
                stream.ready = true;
                self.ready += 1;
            }
            if index == 0 {
                self.tail.extend_from_slice(bytes);
                let excess = self.tail.len().saturating_sub(4_096);
                self.tail.drain(..excess);
            }
            let (got, received, latencies) =
                (&mut stream.got, &mut self.received, &mut self.latencies);
            let rest = self.scanner.scan(bytes, |number, time| {
                got.add(number);
                *received += 1;
                if let Some(latencies) = latencies {
                    latencies.push(now.saturating_sub(time));
                }
            });
            stream.rest.clear();
            stream.rest.extend_from_slice(&bytes[length - rest..]);
        }
    }
}

impl Stream {
    fn send_request(&mut self) -> io::Result<()> {
        if self.request.is_empty() {
            return Ok(());
        }
        match self.socket.write(self.request.as_bytes()) {
            Ok(length) if length == self.request.len() => {
                self.request = String::new();
                Ok(())
            }
            Ok(_) => Err(io::Error::other("a request did not fit into the socket")),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
